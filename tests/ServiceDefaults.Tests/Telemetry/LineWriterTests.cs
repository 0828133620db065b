using System.Text;
using TalentSphere.ServiceDefaults.Telemetry;
using TalentSphere.TestKit;

namespace TalentSphere.ServiceDefaults.Tests.Telemetry;

public sealed class LineWriterTests
{
    [Fact]
    public void Every_line_of_many_threads_is_there_in_its_own_order_once_the_writer_is_disposed()
    {
        using var stream = new MemoryStream();
        var writer = new LineWriter(stream);
        Parallel.For(0, 4, thread =>
        {
            for (var i = 0; i < 5000; i++)
                writer.Write(Encoding.UTF8.GetBytes($"{thread} {i}\n"));
        });
        writer.Dispose();
        var lines = Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(20_000);
        foreach (var thread in lines.GroupBy(l => l[0]))
            thread.Select(l => int.Parse(l[2..])).ShouldBe(Enumerable.Range(0, 5000));
    }

    [Fact]
    public async Task A_line_is_written_without_another_that_pushes_it()
    {
        using var stream = new Gate();
        stream.Open();
        using var writer = new LineWriter(stream);
        writer.Write("alone\n"u8);
        await Eventually.TrueAsync(() => stream.Text == "alone\n", "the line");
    }

    [Fact]
    public async Task Who_does_not_read_costs_lines_and_no_memory_and_is_told_how_many_when_he_reads_again()
    {
        using var stream = new Gate();
        using var writer = new LineWriter(stream, capacity: 100);
        var line = Encoding.UTF8.GetBytes(new string('a', 49) + "\n");
        writer.Write(line);
        // Whoever writes has it in hand.
        await Eventually.TrueAsync(() => stream.IsWaiting, "the line to be under way");
        for (var i = 0; i < 7; i++)
            writer.Write(line);
        stream.Open();
        // Two waited; five found no room.
        await Eventually.TrueAsync(() => stream.Text.Contains("5 lines were lost", StringComparison.Ordinal), "the loss to be told");
        await Eventually.TrueAsync(() => stream.Text.Split('\n').Count(l => l.StartsWith('a')) == 3, "what there was room for");
        writer.Write("again\n"u8);
        await Eventually.TrueAsync(() => stream.Text.EndsWith("again\n", StringComparison.Ordinal), "the next line");
    }

    /// <summary>A pipe whose reader does not read until it is opened.</summary>
    private sealed class Gate : MemoryStream
    {
        private readonly ManualResetEventSlim _open = new();
        private readonly Lock _lock = new();

        public bool IsWaiting { get; private set; }

        public string Text
        {
            get
            {
                lock (_lock)
                    return Encoding.UTF8.GetString(ToArray());
            }
        }

        public void Open() => _open.Set();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            IsWaiting = true;
            _open.Wait();
            // A span goes to an array's overload in a class that is derived.
            lock (_lock)
                base.Write(buffer.ToArray(), 0, buffer.Length);
        }

        protected override void Dispose(bool disposing)
        {
            _open.Set();
            base.Dispose(disposing);
        }
    }
}
