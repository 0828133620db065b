using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Errors;

/// <summary>
/// The serializer stops at the first value of a wrong type; a caller is told of all of them. This reads the body again, field by
/// field, once a request has already failed.
/// </summary>
internal static class RequestBodyFaults
{
    /// <summary>Lets a JSON body be read a second time where a handler binds one; small bodies stay in memory.</summary>
    public static Task RememberBodyAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is not null && context.Request.HasJsonContentType())
            context.Request.EnableBuffering(bufferThreshold: 64 * 1024);
        return next(context);
    }

    /// <summary>Null when the body is not JSON at all.</summary>
    public static async Task<IReadOnlyList<FailureDetail>?> FindAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is not { } type || !context.Request.Body.CanSeek)
            return null;
        context.Request.Body.Position = 0;
        JsonDocument document;
        try
        {
            document = await JsonDocument.ParseAsync(context.Request.Body, new JsonDocumentOptions { MaxDepth = ApiJson.Options.MaxDepth }, context.RequestAborted);
        }
        catch (Exception e) when (e is JsonException or BadHttpRequestException or IOException)
        {
            // Not JSON, or not all of it: the caller hung up, or what follows is longer than a body may be.
            return null;
        }
        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return [new("body", "must be a JSON object")];
            var details = new List<FailureDetail>();
            foreach (var property in ApiJson.Options.GetTypeInfo(type).Properties)
            {
                if (Find(document.RootElement, property.Name) is { } value)
                {
                    if (!Fits(value, property.PropertyType))
                        details.Add(new(property.Name, $"must be {Expected(property.PropertyType)}"));
                }
                else if (property.AttributeProvider is MemberInfo member && member.GetCustomAttribute<RequiredAttribute>() is not null)
                {
                    details.Add(new(property.Name, "is required"));
                }
            }
            return details;
        }
    }

    private static JsonElement? Find(JsonElement root, string name)
    {
        foreach (var property in root.EnumerateObject())
        {
            if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return property.Value;
        }
        return null;
    }

    private static bool Fits(JsonElement value, Type type)
    {
        try
        {
            value.Deserialize(type, ApiJson.Options);
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            return false;
        }
    }

    private static string Expected(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
            return "a string of valid Unicode";
        if (type == typeof(bool))
            return "true or false";
        if (type == typeof(Guid))
            return "a UUID";
        if (type == typeof(DateTime) || type == typeof(DateTimeOffset))
            return "an ISO 8601 time";
        if (type.IsEnum)
            return "one of " + string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.KebabCaseLower.ConvertName));
        if (type.IsPrimitive || type == typeof(decimal))
            return type == typeof(int) || type == typeof(long) || type == typeof(short) ? "a whole number in range" : "a number in range";
        return typeof(System.Collections.IEnumerable).IsAssignableFrom(type) ? "a list of the documented shape" : "an object of the documented shape";
    }
}
