using System.Diagnostics;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Passwords;
using TalentSphere.Contracts.Auth;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

/// <summary>What is measured here must not be disturbed by the other tests of this assembly.</summary>
[CollectionDefinition(nameof(Measured), DisableParallelization = true)]
public sealed class Measured;

[Collection(nameof(Measured))]
public sealed class IndistinguishableTests(AuthFixture auth)
{
    private const int _samples = 200;

    // Two-sided, one in a thousand: a difference that is there is found by far more than that, as the last test shows.
    private const double _limit = 3.29;

    [Fact]
    public async Task An_unknown_address_and_a_wrong_password_take_the_same_time()
    {
        var known = await AccountsAsync(_samples / 4);
        var unknown = known.Select(_ => AuthFixture.NewEmail()).ToList();
        var (first, second) = await CompareAsync(i => auth.LoginAsync(known[i / 4], "violet-harbor-43"), i => auth.LoginAsync(unknown[i / 4], "violet-harbor-43"));
        Math.Abs(Deviation(first, second)).ShouldBeLessThan(_limit, Describe(first, second));
    }

    [Fact]
    public async Task A_wish_for_a_new_password_takes_the_same_time_whether_there_is_an_account_or_not()
    {
        var known = await AccountsAsync(_samples);
        var (first, second) = await CompareAsync(i => ForgotAsync(known[i]), _ => ForgotAsync(AuthFixture.NewEmail()));
        Math.Abs(Deviation(first, second)).ShouldBeLessThan(_limit, Describe(first, second));

        Task<Answer> ForgotAsync(string email) => auth.Anonymous().PostAsync("/api/v1/auth/password/forgot", new { email });
    }

    [Fact]
    public void The_test_tells_apart_what_differs_by_a_tenth_of_its_spread()
    {
        var noise = new Random(7);
        double[] Sample(double shift) => [.. Enumerable.Range(0, _samples).Select(_ => 100 + (10 * noise.NextDouble()) + shift)];
        Math.Abs(Deviation(Sample(0), Sample(0))).ShouldBeLessThan(_limit);
        Math.Abs(Deviation(Sample(0), Sample(2))).ShouldBeGreaterThan(_limit);
    }

    /// <summary>Takes both by turns, so that whatever else the machine does disturbs both alike.</summary>
    private static async Task<(double[] First, double[] Second)> CompareAsync(Func<int, Task<Answer>> first, Func<int, Task<Answer>> second)
    {
        var (one, two) = (new double[_samples], new double[_samples]);
        for (var i = 0; i < _samples; i++)
        {
            if (i % 2 == 0)
            {
                one[i] = await TimeAsync(first, i);
                two[i] = await TimeAsync(second, i);
            }
            else
            {
                two[i] = await TimeAsync(second, i);
                one[i] = await TimeAsync(first, i);
            }
        }
        return (one, two);
    }

    private static async Task<double> TimeAsync(Func<int, Task<Answer>> ask, int i)
    {
        var watch = Stopwatch.StartNew();
        var answer = await ask(i);
        var time = watch.Elapsed.TotalMilliseconds;
        ((int)answer.Status).ShouldBeOneOf(204, 401);
        return time;
    }

    /// <summary>Mann and Whitney's U as a number of standard deviations from what two samples of one distribution give.</summary>
    private static double Deviation(double[] first, double[] second)
    {
        var ranked = first.Select(v => (Value: v, First: true)).Concat(second.Select(v => (Value: v, First: false))).OrderBy(v => v.Value).ToList();
        var ranks = ranked.Select((v, i) => v.First ? i + 1.0 : 0).Sum();
        double n = first.Length, m = second.Length;
        var u = ranks - (n * (n + 1) / 2);
        return (u - (n * m / 2)) / Math.Sqrt(n * m * (n + m + 1) / 12);
    }

    private static string Describe(double[] first, double[] second) => $"medians {first.Order().ElementAt(_samples / 2):0.00} and {second.Order().ElementAt(_samples / 2):0.00} ms";

    /// <summary>Accounts with one password: hashing it for each would take longer than the test.</summary>
    private async Task<IReadOnlyList<string>> AccountsAsync(int count)
    {
        var hash = PasswordHash.Create(Person.Password, 210_000).ToString();
        var accounts = Enumerable.Range(0, count).Select(_ => new Account(AuthFixture.NewEmail(), "Mia Müller", hash, Roles.JobSeeker)).ToList();
        await auth.InDatabaseAsync(db =>
        {
            db.Accounts.AddRange(accounts);
            return db.SaveChangesAsync();
        });
        return [.. accounts.Select(a => a.Email)];
    }
}
