using TalentSphere.Contracts;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Auth.Erasure;

/// <summary>Who has to answer before an account is forgotten: every service whose <see cref="IUserErased"/> stands in the contracts, and this one.</summary>
internal static class ExpectedAnswers
{
    /// <summary>This service's name in a case.</summary>
    public const string Own = "auth";

    /// <summary>The other services' answers.</summary>
    public static IReadOnlyList<EventTopic> Topics { get; } =
        [.. Topology.EventsIn(typeof(IUserErased).Assembly).Where(topic => topic.EventType.IsAssignableTo(typeof(IUserErased)))];

    /// <summary>Everybody's name.</summary>
    public static IReadOnlyList<string> Services { get; } = [Own, .. Topics.Select(topic => topic.Domain)];
}
