namespace TalentSphere.Contracts;

/// <summary>
/// Marks a field of an event that says something about a person, or that a person wrote about themself. When the person is erased, every copy of the event
/// that is still kept loses the field's content: a text becomes empty, a list loses its entries, whatever may be null becomes null. The event itself stays,
/// so that its shape and its order hold.
/// </summary>
/// <param name="owner">The name of the property, of the same record, that holds the person's id.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PersonalDataAttribute(string owner) : Attribute
{
    /// <summary>The name of the property that holds the person's id.</summary>
    public string Owner { get; } = owner;
}
