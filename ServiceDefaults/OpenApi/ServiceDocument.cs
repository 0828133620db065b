using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.OpenApi;

/// <summary>The service's OpenAPI 3.1 document at <c>/openapi/v1.json</c>: bearer tokens where a route asks for them, the failure envelope everywhere.</summary>
internal static class ServiceDocument
{
    public const string Name = "v1";

    private const string _bearer = "bearer";

    public static void AddServiceDocument(this IServiceCollection services, ServiceIdentity service) => services.AddOpenApi(Name, options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = $"TalentSphere {service.Name}", Version = Name };
            // Addresses differ between the mesh and the gateway; paths do not.
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[_bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(async (operation, context, cancellationToken) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            if (!metadata.Any(m => m is IAllowAnonymous or TokenOptional))
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(_bearer, context.Document)] = [] }];
            // Binding takes any case; the document names parameters as JSON names fields.
            foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>().Where(p => p.In == ParameterLocation.Query) ?? [])
                parameter.Name = ApiJson.Options.PropertyNamingPolicy!.ConvertName(parameter.Name!);
            operation.Responses ??= [];
            operation.Responses["default"] = new OpenApiResponse
            {
                Description = "Failure",
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/json"] = new() { Schema = await context.GetOrCreateSchemaAsync(typeof(Failure), null, cancellationToken) },
                },
            };
        });
    });
}
