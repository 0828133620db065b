using System.Runtime.InteropServices;

namespace TalentSphere.Kubernetes.Tests.Nodes;

/// <summary>A thread of this process that has put itself under a filter, which is the kernel's own word on what a call answers there. It ends with what it was for.</summary>
internal static class FilteredThread
{
    private const int _noNewPrivileges = 38;
    private const int _seccomp = 317;
    private const int _setModeFilter = 1;

    /// <summary>What each call answers under the filter: 0 or more for success, else the error's number below zero.</summary>
    public static IReadOnlyList<int> Call(byte[] filter, IReadOnlyList<(int Number, long[] Arguments)> calls)
    {
        var answers = new List<int>();
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Install(filter);
                foreach (var (number, arguments) in calls)
                    answers.Add(Answer(number, arguments));
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? answers : throw new InvalidOperationException("The calls could not be made.", failure);
    }

    private static int Answer(int number, long[] arguments)
    {
        long At(int i) => i < arguments.Length ? arguments[i] : 0;
        var answer = syscall(number, (nint)At(0), (nint)At(1), (nint)At(2), (nint)At(3), (nint)At(4), (nint)At(5));
        return answer < 0 ? -Marshal.GetLastPInvokeError() : (int)answer;
    }

    private static void Install(byte[] filter)
    {
        prctl(_noNewPrivileges, 1, 0, 0, 0).ShouldBe(0);
        var instructions = Marshal.AllocHGlobal(filter.Length);
        var program = Marshal.AllocHGlobal(16);
        try
        {
            Marshal.Copy(filter, 0, instructions, filter.Length);
            // struct sock_fprog: how many instructions of eight bytes, and where.
            Marshal.WriteInt64(program, 0, filter.Length / 8);
            Marshal.WriteIntPtr(program, 8, instructions);
            ((int)syscall(_seccomp, _setModeFilter, 0, program, 0, 0, 0)).ShouldBe(0, "seccomp");
        }
        finally
        {
            Marshal.FreeHGlobal(program);
            Marshal.FreeHGlobal(instructions);
        }
    }

    [DllImport("libc", SetLastError = true)]
    private static extern nint syscall(nint number, nint first, nint second, nint third, nint fourth, nint fifth, nint sixth);

    [DllImport("libc", SetLastError = true)]
    private static extern int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);
}
