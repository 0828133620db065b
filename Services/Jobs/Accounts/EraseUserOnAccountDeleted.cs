using MassTransit;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Jobs;
using TalentSphere.Jobs.Data;
using TalentSphere.Jobs.Posts;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Erasure;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Jobs.Accounts;

/// <summary>
/// Forgets an account: its applications, reviews and saved jobs go. Other people's applications hang on its companies and posts, so their rows stay, without
/// a word of what the account wrote there, and are taken down, because nobody would answer.
/// </summary>
public sealed class EraseUserOnAccountDeleted(JobsDbContext db, SubjectErasure erasure, TimeProvider time) : IConsumer<UserDeleted>
{
    public async Task Consume(ConsumeContext<UserDeleted> context)
    {
        var (user, cancellationToken) = (context.Message.UserId, context.CancellationToken);
        var records = await erasure.RunAsync(db, user, () => EraseAsync(user, cancellationToken), cancellationToken);
        db.Publish(new UserErased(user, records));
        await db.SaveChangesAsync(cancellationToken);
    }

    private async Task<int> EraseAsync(Guid user, CancellationToken cancellationToken)
    {
        var records = await db.SavedJobs.Where(s => s.UserId == user).ExecuteDeleteAsync(cancellationToken);
        records += await db.Applications.Where(a => a.UserId == user).ExecuteDeleteAsync(cancellationToken);
        // Apart, and not one out of the other: where tables are distributed, what every node has is not changed by what one node knows.
        foreach (var review in await db.Reviews.AsNoTracking().Where(r => r.UserId == user).OrderBy(r => r.CompanyId).ToListAsync(cancellationToken))
        {
            await db.Database.ExecuteSqlAsync(
                $"UPDATE companies SET rating_count = rating_count - 1, rating_sum = rating_sum - {review.Rating} WHERE id = {review.CompanyId}", cancellationToken);
        }
        records += await db.Reviews.Where(r => r.UserId == user).ExecuteDeleteAsync(cancellationToken);
        return records + await WithdrawCompaniesAsync(user, cancellationToken);
    }

    private async Task<int> WithdrawCompaniesAsync(Guid owner, CancellationToken cancellationToken)
    {
        var companies = await db.Companies.FromSql($"SELECT *, xmin FROM companies WHERE owner_id = {owner} ORDER BY id FOR UPDATE")
            .ToListAsync(cancellationToken);
        var now = time.GetDatabaseNow();
        var records = companies.Count;
        foreach (var company in companies)
        {
            company.Withdraw(now);
            var posts = await db.Jobs.FromSql($"SELECT *, xmin FROM jobs WHERE company_id = {company.Id} ORDER BY id FOR UPDATE").ToListAsync(cancellationToken);
            foreach (var post in posts.Where(p => p.Forget(now)))
                db.Publish(new PostClosed(post.Id, post.CompanyId, post.Title));
            records += posts.Count;
        }
        return records;
    }
}
