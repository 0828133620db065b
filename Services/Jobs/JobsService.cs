using TalentSphere.Jobs.Accounts;
using TalentSphere.Jobs.Applications;
using TalentSphere.Jobs.Companies;
using TalentSphere.Jobs.Data;
using TalentSphere.Jobs.Posts;
using TalentSphere.Jobs.Samples;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Errors;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Jobs;

/// <summary>Everything that the jobs service has: companies, posts and their search, applications.</summary>
public static class JobsService
{
    public static void AddJobs(this WebApplicationBuilder builder)
    {
        builder.AddServiceDatabase<JobsDbContext>();
        builder.AddMessaging<JobsDbContext>(consumers => consumers.AddConsumer<EraseUserOnAccountDeleted>());
        builder.Services.AddValidation();
        builder.Services.AddConflict("ix_applications_job_id_user_id", ErrorCodes.AlreadyApplied, "You have applied for this job already.");
        builder.Services.AddConflict("ix_reviews_company_id_user_id", ErrorCodes.AlreadyReviewed, "You have reviewed this company already.");
        builder.Services.AddScoped<IStartupTask, LoadSampleContent>();
    }

    public static void MapJobs(this IEndpointRouteBuilder app)
    {
        app.MapCompanies();
        app.MapPosts();
        app.MapApplications();
    }
}
