using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Erasure;

/// <summary>
/// Keeps those who were erased from writing with an access token that has not expired yet. On every route for signed-in callers; what only reads passes, and
/// so does everything where no service keeps a table of them.
/// </summary>
/// <remarks>
/// The caller's lock is shared for as long as the handler runs, on the very connection that it works on: an erasure waits for the handler, and a handler that
/// comes later finds the erasure. A lock of the transaction would not do, for not every handler has one transaction, and some speak SQL.
/// </remarks>
internal sealed class ErasedCallers(Func<IServiceProvider, DbContext> database)
{
    private static readonly Func<EndpointFilterFactoryContext, EndpointFilterDelegate, EndpointFilterDelegate> _filter = (context, next) =>
        context.ApplicationServices.GetService<ErasedCallers>() is { } callers ? invocation => callers.PassAsync(invocation, next) : next;

    /// <summary>Puts the check on a route that may write.</summary>
    public static void KeepOut(EndpointBuilder route)
    {
        var methods = route.Metadata.OfType<HttpMethodMetadata>().LastOrDefault()?.HttpMethods ?? [];
        if (methods.Any(method => !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && !HttpMethods.IsOptions(method))
            && !route.FilterFactories.Contains(_filter))
            route.FilterFactories.Add(_filter);
    }

    private async ValueTask<object?> PassAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var db = database(http.RequestServices);
        if (!db.KeepsErasedSubjects() || http.User.FindUserId() is not { } caller)
            return await next(context);
        await db.Database.OpenConnectionAsync(http.RequestAborted);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        try
        {
            return await IsErasedAsync(connection, caller, http.RequestAborted) ? Gone(http) : await next(context);
        }
        finally
        {
            await LeaveAsync(connection, caller);
            await db.Database.CloseConnectionAsync();
        }
    }

    private static ApiProblem Gone(HttpContext http)
    {
        http.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        return Api.Unauthorized("AUTH_TOKEN_INVALID", "The account of this access token is gone.");
    }

    /// <summary>Takes the lock and then looks: two statements, because one sees nothing that was committed while it waited.</summary>
    private static async Task<bool> IsErasedAsync(NpgsqlConnection connection, Guid caller, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("SELECT pg_advisory_lock_shared($1)") { Parameters = { new() { Value = ErasedSubjects.LockKey(caller) } } },
                new("SELECT EXISTS (SELECT FROM erased_subjects WHERE subject_id = $1)") { Parameters = { new() { Value = caller } } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetBoolean(0);
    }

    /// <summary>A pooled connection keeps its session, so the lock is given back in words; a broken one has lost it.</summary>
    private static async Task LeaveAsync(NpgsqlConnection connection, Guid caller)
    {
        if (connection.State != System.Data.ConnectionState.Open)
            return;
        try
        {
            await using var command = new NpgsqlCommand("SELECT pg_advisory_unlock_shared($1)", connection)
            {
                CommandTimeout = 5,
                Parameters = { new() { Value = ErasedSubjects.LockKey(caller) } },
            };
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            NpgsqlConnection.ClearPool(connection);
        }
    }
}
