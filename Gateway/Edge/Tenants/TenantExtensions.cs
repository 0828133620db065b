namespace TalentSphere.Gateway.Edge.Tenants;

internal static class TenantExtensions
{
    public static void AddTenants(this IServiceCollection services) =>
        services.AddOptions<TenantOptions>().BindConfiguration("Tenants").ValidateDataAnnotations().ValidateOnStart();
}
