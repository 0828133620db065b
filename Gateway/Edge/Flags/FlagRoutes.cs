using TalentSphere.Gateway.Data;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Gateway.Edge.Flags;

/// <summary>The flags: for clients, for routes, and for who sets them.</summary>
internal static class FlagRoutes
{
    public static void AddFlags(this IServiceCollection services)
    {
        services.AddSingleton<FlagStore>();
        services.AddSingleton<IChangeFollower>(s => s.GetRequiredService<FlagStore>());
    }

    public static void MapFlags(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/flags", GetFlags.Handle).WithTags("Flags").RequireTokenIfAny()
            .WithName("GetFlags").WithSummary("What the flags are for the caller, signed in or not.");
        var flags = routes.MapGroup("/api/v1/admin/gateway/flags").WithTags("Flags");
        var read = flags.MapGroup("").RequireOperator();
        read.MapGet("", ListFlags.HandleAsync).WithName("ListFlags").WithSummary("Every flag, by name.");
        read.MapGet("/{key}", GetFlag.HandleAsync).WithName("GetFlag").WithSummary("A flag.");
        read.MapGet("/{key}/history", GetFlagHistory.HandleAsync).WithName("GetFlagHistory").WithSummary("Who changed it when, from what to what; the latest first.");
        read.MapGet("/{key}/evaluate", EvaluateFlag.HandleAsync).WithName("EvaluateFlag").WithSummary("What it is for somebody, and why.");
        var write = flags.MapGroup("").RequireAdministrator();
        write.MapPut("/{key}", PutFlag.HandleAsync).WithName("PutFlag").WithSummary("Makes a flag, or replaces it.");
        write.MapDelete("/{key}", DeleteFlag.HandleAsync).WithName("DeleteFlag").WithSummary("Deletes a flag: nobody has it any more.");
    }
}
