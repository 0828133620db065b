using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Notification.Data;
using TalentSphere.Notification.Notifications;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Notification.Preferences;

/// <summary>A person's choices; they replace the ones before.</summary>
/// <param name="Kinds">Each kind at most once; those not named are on.</param>
/// <param name="QuietHours">Null: pushed at any time.</param>
public sealed record PreferencesRequest([property: Required, MaxLength(100)] IReadOnlyList<KindPreference>? Kinds, QuietHoursRequest? QuietHours = null);

/// <summary>One kind on or off.</summary>
/// <param name="Kind">Its kebab-case name.</param>
/// <param name="InApp">Store and push it.</param>
public sealed record KindPreference([property: Required, KnownKind] string? Kind, [property: Required] bool? InApp);

/// <summary>Hours without push.</summary>
/// <param name="From">The first quiet minute, <c>HH:mm</c>.</param>
/// <param name="To">The first loud minute, <c>HH:mm</c>.</param>
/// <param name="TimeZone">IANA name.</param>
public sealed record QuietHoursRequest(
    [property: Required, TimeOfDay] string? From,
    [property: Required, TimeOfDay] string? To,
    [property: Required, IanaTimeZone] string? TimeZone);

internal static class PutPreferences
{
    public static async Task<Results<ApiOk<PreferencesView>, ApiProblem>> HandleAsync(
        PreferencesRequest request, HttpRequest http, NotificationDbContext db, ClaimsPrincipal user, TimeProvider time, CancellationToken cancel)
    {
        if (Faults(request) is { Count: > 0 } faults)
            return Api.Invalid([.. faults]);
        var id = user.UserId();
        var now = time.GetUtcNow().UtcDateTime;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        // The first choice makes the row; whoever comes at the same time waits here for the lock instead of colliding.
        var made = await db.Database.ExecuteSqlInterpolatedAsync(
            $"""
            INSERT INTO preferences (user_id, muted, created_at, updated_at) VALUES ({id}, ARRAY[]::text[], {now}, {now}) ON CONFLICT (user_id) DO NOTHING
            """,
            cancel);
        var preferences = await db.Preferences.FromSql($"SELECT *, xmin FROM preferences WHERE user_id = {id} FOR UPDATE").SingleAsync(cancel);
        if (EntityTag.IfMatchFails(http, made == 1 ? 0 : preferences.Version) is { } stale)
            return stale;
        preferences.Replace(Muted(request), Quiet(request.QuietHours));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return Api.Ok(PreferencesView.Of(preferences)).WithVersion(preferences.Version);
    }

    private static List<FailureDetail> Faults(PreferencesRequest request)
    {
        var faults = new List<FailureDetail>();
        var seen = new HashSet<string>();
        for (var i = 0; i < request.Kinds!.Count; i++)
        {
            // The serializer lets null through, and the validation walks past it.
            if (request.Kinds[i] is not var (name, inApp))
            {
                faults.Add(new($"kinds[{i}]", "must not be null"));
                continue;
            }
            if (!seen.Add(name!))
                faults.Add(new($"kinds[{i}].kind", "is named twice"));
            if (inApp is false && NotificationKinds.TryParse(name, out var kind) && kind.IsMandatory())
                faults.Add(new($"kinds[{i}].inApp", "is a security notice and cannot be switched off"));
        }
        if (request.QuietHours is { } quiet && quiet.From == quiet.To)
            faults.Add(new("quietHours.to", "must differ from the beginning"));
        return faults;
    }

    private static IEnumerable<NotificationKind> Muted(PreferencesRequest request)
    {
        foreach (var (name, inApp) in request.Kinds!)
        {
            if (inApp is false && NotificationKinds.TryParse(name, out var kind))
                yield return kind;
        }
    }

    private static QuietHours? Quiet(QuietHoursRequest? request) =>
        request is null ? null : new QuietHours(Clock(request.From!), Clock(request.To!), request.TimeZone!);

    private static TimeOnly Clock(string text) => TimeOnly.ParseExact(text, TimeOfDayAttribute.Format, CultureInfo.InvariantCulture);
}
