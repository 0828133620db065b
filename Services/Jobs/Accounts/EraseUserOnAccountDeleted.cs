using MassTransit;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Jobs;
using TalentSphere.Jobs.Data;
using TalentSphere.Jobs.Posts;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Jobs.Accounts;

/// <summary>
/// Forgets an account: its applications, reviews and saved jobs go; its companies stay, because other people's applications hang on them, but belong to
/// nobody, and their posts are closed, because nobody would answer.
/// </summary>
public sealed class EraseUserOnAccountDeleted(JobsDbContext db, TimeProvider time) : IConsumer<UserDeleted>
{
    public async Task Consume(ConsumeContext<UserDeleted> context)
    {
        var cancellationToken = context.CancellationToken;
        var user = context.Message.UserId;
        var records = await db.SavedJobs.Where(s => s.UserId == user).ExecuteDeleteAsync(cancellationToken);
        records += await db.Applications.Where(a => a.UserId == user).ExecuteDeleteAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
             UPDATE companies SET rating_count = rating_count - 1, rating_sum = rating_sum - reviews.rating
             FROM reviews WHERE reviews.company_id = companies.id AND reviews.user_id = {user}
             """,
            cancellationToken);
        records += await db.Reviews.Where(r => r.UserId == user).ExecuteDeleteAsync(cancellationToken);
        records += await LeaveCompaniesAsync(user, cancellationToken);
        db.Publish(new UserErased(user, records));
        await db.SaveChangesAsync(cancellationToken);
    }

    private async Task<int> LeaveCompaniesAsync(Guid owner, CancellationToken cancellationToken)
    {
        var companies = await db.Companies.FromSql($"SELECT *, xmin FROM companies WHERE owner_id = {owner} ORDER BY id FOR UPDATE")
            .ToListAsync(cancellationToken);
        foreach (var company in companies)
        {
            company.OwnerId = SystemAccount.Id;
            var posts = await db.Jobs.FromSql($"SELECT *, xmin FROM jobs WHERE company_id = {company.Id} AND status = 'Open' ORDER BY id FOR UPDATE")
                .ToListAsync(cancellationToken);
            foreach (var post in posts.Where(p => p.Close(time.GetDatabaseNow())))
                db.Publish(new PostClosed(post.Id, post.CompanyId, post.Title));
        }
        return companies.Count;
    }
}
