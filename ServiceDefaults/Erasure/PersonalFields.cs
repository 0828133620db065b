using System.Collections;
using System.Reflection;
using System.Text.Json;
using TalentSphere.Contracts;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.ServiceDefaults.Erasure;

/// <summary>The fields of one kind of event that are somebody's, as <see cref="PersonalDataAttribute"/> marks them.</summary>
public sealed class PersonalFields
{
    private readonly Dictionary<string, Field> _fields;
    private readonly HashSet<string> _owners;

    private PersonalFields(Dictionary<string, Field> fields)
    {
        _fields = fields;
        _owners = fields.Values.Select(field => field.Owner).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>What stands in a field once it is redacted.</summary>
    private enum Neutral
    {
        Null,
        EmptyText,
        EmptyList,
    }

    /// <summary>The personal fields of an event record; null when it has none.</summary>
    /// <exception cref="InvalidOperationException">A marked field names no id as its owner, or has a type without a neutral value.</exception>
    public static PersonalFields? Of(Type eventType)
    {
        ArgumentNullException.ThrowIfNull(eventType);
        var nullability = new NullabilityInfoContext();
        var fields = new Dictionary<string, Field>(StringComparer.OrdinalIgnoreCase);
        foreach (var property in eventType.GetProperties())
        {
            if (property.GetCustomAttribute<PersonalDataAttribute>() is not { } mark)
                continue;
            var owner = eventType.GetProperty(mark.Owner)?.PropertyType;
            if (owner != typeof(Guid) && owner != typeof(Guid?))
                throw new InvalidOperationException($"{eventType}: '{mark.Owner}', whose {property.Name} is said to be, is no id of the record.");
            fields.Add(NameOf(property.Name), new(NameOf(mark.Owner), NeutralOf(property, nullability)));
        }
        return fields.Count == 0 ? null : new(fields);
    }

    /// <summary>Whose data an event holds.</summary>
    /// <param name="data">The event record on the wire.</param>
    public IReadOnlyCollection<Guid> OwnersIn(JsonElement data)
    {
        var owners = new HashSet<Guid>();
        foreach (var field in Members(data))
        {
            if (_owners.Contains(field.Name) && field.Value.ValueKind == JsonValueKind.String && field.Value.TryGetGuid(out var id))
                owners.Add(id);
        }
        return owners;
    }

    /// <summary>The event record without what is <paramref name="owners"/>'; everything else is as it was.</summary>
    internal void WriteRedacted(Utf8JsonWriter writer, JsonElement data, IReadOnlySet<Guid> owners)
    {
        var erased = Members(data)
            .Where(field => _owners.Contains(field.Name) && field.Value.ValueKind == JsonValueKind.String
                && field.Value.TryGetGuid(out var id) && owners.Contains(id))
            .Select(field => field.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        writer.WriteStartObject();
        foreach (var field in Members(data))
        {
            if (_fields.TryGetValue(field.Name, out var personal) && erased.Contains(personal.Owner))
                Write(writer, field.Name, personal.Neutral);
            else
                field.WriteTo(writer);
        }
        writer.WriteEndObject();
    }

    private static IEnumerable<JsonProperty> Members(JsonElement data) => data.ValueKind == JsonValueKind.Object ? data.EnumerateObject() : [];

    private static string NameOf(string property) => Wire.Json.PropertyNamingPolicy!.ConvertName(property);

    private static Neutral NeutralOf(PropertyInfo property, NullabilityInfoContext nullability)
    {
        if (Nullable.GetUnderlyingType(property.PropertyType) is not null || nullability.Create(property).ReadState == NullabilityState.Nullable)
            return Neutral.Null;
        if (property.PropertyType == typeof(string))
            return Neutral.EmptyText;
        return property.PropertyType.IsAssignableTo(typeof(IEnumerable)) && !property.PropertyType.IsAssignableTo(typeof(IDictionary))
            ? Neutral.EmptyList
            : throw new InvalidOperationException(
                $"{property.DeclaringType}: {property.Name} cannot be personal data; a text, a list or what may be null can be emptied.");
    }

    private static void Write(Utf8JsonWriter writer, string name, Neutral neutral)
    {
        switch (neutral)
        {
            case Neutral.EmptyText:
                writer.WriteString(name, "");
                break;
            case Neutral.EmptyList:
                writer.WriteStartArray(name);
                writer.WriteEndArray();
                break;
            default:
                writer.WriteNull(name);
                break;
        }
    }

    private sealed record Field(string Owner, Neutral Neutral);
}
