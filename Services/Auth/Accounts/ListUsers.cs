using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Accounts;

internal static class ListUsers
{
    public static async Task<ApiPage<AccountView>> HandleAsync(
        [AsParameters] Paging paging, AuthDbContext db, CancellationToken cancellationToken,
        [FromQuery, StringLength(EmailAddress.MaxLength, ErrorMessage = "must have at most 254 characters"), PlainText] string? q = null)
    {
        var accounts = db.Accounts.AsNoTracking();
        if (q?.Trim() is { Length: > 0 } text)
        {
            var pattern = $"%{text.Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
            accounts = accounts.Where(a => EF.Functions.ILike(a.Email, pattern, "\\") || EF.Functions.ILike(a.Name, pattern, "\\"));
        }
        var total = await accounts.LongCountAsync(cancellationToken);
        var page = await accounts.OrderByDescending(a => a.Id).Skip(paging.Skip).Take(paging.Size).ToListAsync(cancellationToken);
        return Api.Page([.. page.Select(AccountView.Of)], paging, total);
    }
}
