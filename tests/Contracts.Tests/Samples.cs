using System.Reflection;

namespace TalentSphere.Contracts.Tests;

/// <summary>An instance of any event record.</summary>
internal static class Samples
{
    /// <summary>With every field set, or with null in every field that may be null.</summary>
    public static object Of(Type record, bool nulls = false)
    {
        var constructor = record.GetConstructors().Single(c => c.GetParameters().Length > 1 || c.GetParameters() is [{ ParameterType: var t }] && t != record);
        return constructor.Invoke([.. constructor.GetParameters().Select(p => nulls && MayBeNull(p) ? null : Value(p.ParameterType))]);
    }

    private static bool MayBeNull(ParameterInfo parameter) => new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable;

    private static object Value(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type == typeof(Guid) => Guid.CreateVersion7(),
            _ when type == typeof(string) => "text with ü and \"quotes\"",
            _ when type == typeof(int) => 42,
            _ when type == typeof(DateTime) => new DateTime(2026, 11, 20, 9, 30, 0, DateTimeKind.Utc),
            _ when type == typeof(IReadOnlyList<string>) => new List<string> { "a", "b" },
            _ => throw new NotSupportedException($"Give {type} a sample here."),
        };
    }
}
