using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Errors;

/// <summary>
/// Which parameters in a path or a query have the wrong type. The framework stops at the first, and does not name one that may be absent; a caller is told of
/// all. This looks at them again, once a request has already failed.
/// </summary>
internal static class ParameterFaults
{
    private static readonly MethodInfo _parses = typeof(ParameterFaults).GetMethod(nameof(Parses), BindingFlags.NonPublic | BindingFlags.Static)!;

    public static FailureDetail[] Find(HttpContext context)
    {
        var parameters = context.GetEndpoint()?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>() ?? [];
        return
        [
            .. parameters.Where(p => p.HasTryParse && Given(context, p.Name) is { Length: > 0 } value && !Fits(value, p.ParameterInfo.ParameterType))
                .Select(p => new FailureDetail(CamelCasePath.Of(p.Name), "has the wrong type")),
        ];
    }

    /// <summary>As the framework reads it: several values of one name are one with commas, which is no number.</summary>
    private static string Given(HttpContext context, string name) => context.GetRouteValue(name) as string ?? context.Request.Query[name].ToString();

    private static bool Fits(string value, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
            return Enum.TryParse(type, value, ignoreCase: true, out _);
        var parsable = type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IParsable<>) && i.GetGenericArguments()[0] == type);
        return !parsable || (bool)_parses.MakeGenericMethod(type).Invoke(null, [value])!;
    }

    private static bool Parses<T>(string value)
        where T : IParsable<T> => T.TryParse(value, CultureInfo.InvariantCulture, out _);
}
