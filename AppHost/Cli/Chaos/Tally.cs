using System.Collections.Concurrent;

namespace TalentSphere.Cli.Chaos;

/// <summary>An event that an acknowledged write must have brought.</summary>
/// <param name="EventType">Its routing key.</param>
/// <param name="Key">Which fact, in the form of <see cref="EventKeys"/>.</param>
internal readonly record struct Claim(string EventType, string Key);

/// <summary>Somebody who writes.</summary>
/// <param name="Id">The account.</param>
/// <param name="Email">Its address.</param>
/// <param name="Password">Its password.</param>
internal sealed record Person(Guid Id, string Email, string Password)
{
    /// <summary>The newest access token; empty when there is none that anybody would believe.</summary>
    public string Token { get; set; } = "";

    /// <summary>The session's refresh token.</summary>
    public string RefreshToken { get; set; } = "";

    /// <summary>True once a write was given up on without an answer: what the person has then is not known exactly.</summary>
    public bool Unresolved { get; set; }
}

/// <summary>What the clients were told.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<Claim, int> _claims = new();
    private readonly ConcurrentDictionary<string, int> _maybes = new();
    private readonly ConcurrentDictionary<string, int> _oddities = new();
    private readonly ConcurrentDictionary<string, int> _losses = new();
    private readonly ConcurrentDictionary<Guid, Person> _people = new();
    private int _answered;
    private int _unanswered;

    /// <summary>What must be there, and how often.</summary>
    public IReadOnlyDictionary<Claim, int> Claims => _claims;

    /// <summary>By event type, how many events there may be beyond the claims: of writes whose answer was lost.</summary>
    public IReadOnlyDictionary<string, int> Maybes => _maybes;

    /// <summary>Answers that nobody should get, and how often.</summary>
    public IReadOnlyDictionary<string, int> Oddities => _oddities;

    /// <summary>What came instead of answers, and how often.</summary>
    public IReadOnlyDictionary<string, int> Losses => _losses;

    public IReadOnlyCollection<Person> People => [.. _people.Values];

    /// <summary>Writes that were answered with 2xx, repetitions included.</summary>
    public int Answered => _answered;

    /// <summary>Tries that were not answered, or with 5xx.</summary>
    public int Unanswered => _unanswered;

    /// <summary>A fact that there is once, however often it is acknowledged.</summary>
    public void Once(string eventType, string key) => _claims[new(eventType, key)] = 1;

    /// <summary>One more of a fact that can happen again.</summary>
    public void Again(string eventType, string key) => _claims.AddOrUpdate(new(eventType, key), 1, (_, n) => n + 1);

    public void Maybe(string eventType, int count)
    {
        if (count > 0)
            _maybes.AddOrUpdate(eventType, count, (_, n) => n + count);
    }

    public void Odd(string what) => _oddities.AddOrUpdate(what, 1, (_, n) => n + 1);

    public void Meet(Person person) => _people[person.Id] = person;

    public void CountAnswer() => Interlocked.Increment(ref _answered);

    /// <summary>A try without an answer.</summary>
    /// <param name="why">The route, and what came instead.</param>
    public void CountLoss(string why)
    {
        Interlocked.Increment(ref _unanswered);
        _losses.AddOrUpdate(why, 1, (_, n) => n + 1);
    }
}
