using TalentSphere.Lms.Accounts;
using TalentSphere.Lms.Certificates;
using TalentSphere.Lms.Courses;
using TalentSphere.Lms.Data;
using TalentSphere.Lms.Learning;
using TalentSphere.Lms.Outline;
using TalentSphere.Lms.Samples;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Errors;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Lms;

/// <summary>Everything this service has: its parts and its routes.</summary>
public static class LmsService
{
    /// <summary>Registers the parts.</summary>
    public static void AddLms(this WebApplicationBuilder builder)
    {
        builder.AddServiceDatabase<LmsDbContext>();
        builder.AddMessaging<LmsDbContext>(m => m.AddConsumer<EraseAccountOnUserDeleted>());
        builder.Services.AddValidation();
        builder.Services.AddConflict(Enroll.OncePerCourse, Enroll.AlreadyEnrolledCode, Enroll.AlreadyEnrolledText);
        builder.Services.AddOptions<SampleContentOptions>().BindConfiguration("SampleContent").Configure<IConfiguration, IHostEnvironment>(
            (options, configuration, host) => options.Load = configuration.GetValue("SampleContent:Load", host.IsDevelopment()));
        builder.Services.AddScoped<IStartupTask, LoadSampleContent>();
    }

    /// <summary>Maps the routes.</summary>
    public static void MapLms(this IEndpointRouteBuilder routes)
    {
        routes.MapCourses();
        routes.MapOutline();
        routes.MapLearning();
        routes.MapCertificates();
    }
}
