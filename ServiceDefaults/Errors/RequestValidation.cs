using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace TalentSphere.ServiceDefaults.Errors;

/// <summary>The framework's validation passes over request types that are not public, without a word: that is noticed at start instead.</summary>
internal static class RequestValidation
{
    public static void EnsureEveryBodyIsValidated(IEndpointRouteBuilder routes)
    {
        var hidden = routes.DataSources.SelectMany(s => s.Endpoints).Select(e => e.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType)
            .Where(t => t is { IsVisible: false }).Distinct().ToList();
        if (hidden.Count > 0)
            throw new InvalidOperationException("Not public, so not validated: " + string.Join(", ", hidden));
    }
}
