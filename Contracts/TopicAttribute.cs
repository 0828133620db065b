namespace TalentSphere.Contracts;

/// <summary>
/// Marks an event record with the routing key it travels under on the <c>talentsphere.events</c> exchange and with the aggregate
/// whose events keep their order. Exchange, queues, bindings and schemas are derived from this attribute.
/// </summary>
/// <param name="key">Three lower-case segments: <c>&lt;domain&gt;.&lt;entity&gt;.&lt;action&gt;</c>; the domain is the publishing service.</param>
/// <param name="subject">The name of the property that holds the aggregate's id. Events of one subject arrive in commit order.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class TopicAttribute(string key, string subject) : Attribute
{
    /// <summary>The routing key.</summary>
    public string Key { get; } = key;

    /// <summary>The name of the property that holds the aggregate's id.</summary>
    public string Subject { get; } = subject;

    /// <summary>The shape's version on the wire; starts at 1 and grows with additions.</summary>
    public int SchemaVersion { get; init; } = 1;
}
