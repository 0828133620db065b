using System.Text.Json.Nodes;

namespace TalentSphere.Cli.Demo;

/// <summary>The employer's side.</summary>
public sealed partial class Story
{
    private async Task<Hiring> HireAsync(StoryClient api, Person person, CancellationToken cancellationToken)
    {
        var employer = await JoinAsync(api, "Karim Haddad", "employer", cancellationToken);
        var word = "Lanternfish" + api.Run;
        var companyId = await CreateCompanyAsync(api, employer, $"{word} Works", cancellationToken);
        var jobId = await PostJobAsync(api, employer, companyId, $"{word} keeper", cancellationToken);
        await SearchAsync(api, word, jobId, cancellationToken);
        var applicationId = await ApplyAsync(api, person, jobId, cancellationToken);
        await ReadApplicationAsync(api, employer, person, jobId, applicationId, cancellationToken);
        await RefuseStrangerAsync(api, jobId, applicationId, cancellationToken);
        foreach (var status in _moves)
            await MoveAsync(api, employer, person, applicationId, status, cancellationToken);
        await EmployerHeardAsync(api, employer, applicationId, cancellationToken);
        return new(jobId, applicationId, _moves[^1]);
    }

    private static readonly string[] _moves = ["reviewing", "accepted"];

    private async Task<Guid> CreateCompanyAsync(StoryClient api, Person employer, string name, CancellationToken cancellationToken) =>
        await StepAsync(api, "He creates a company", async () =>
        {
            var company = new
            {
                name,
                website = "https://lanternfish.example",
                industry = "Deep-sea lighting",
                size = "11-50",
                location = "Bremerhaven",
                description = "We light what nobody has seen.",
            };
            var answer = await api.CreateAsync("/api/v1/companies", employer.Token, company, async () =>
            {
                var path = $"/api/v1/companies?q={Uri.EscapeDataString(name)}&limit=100";
                var found = await SeeAsync(api, path, null, "looking for the company", cancellationToken);
                return found.Items.FirstOrDefault(c => c.Text("name") == name) is { } there
                    ? await api.GetAsync($"/api/v1/companies/{there.Id()}", null, cancellationToken)
                    : null;
            }, cancellationToken);
            Claim(api, answer.Status is 201 or 200, $"creating a company was answered with {answer.Status}: {answer.Excerpt}");
            return (answer.Data.Id(), name);
        });

    private async Task<Guid> PostJobAsync(StoryClient api, Person employer, Guid companyId, string title, CancellationToken cancellationToken) =>
        await StepAsync(api, "He posts a job", async () =>
        {
            var post = new
            {
                companyId,
                title,
                description = "You keep the lights of the deep on: services in C#, messages that arrive once, and a calm night shift.",
                requirements = new[] { "Git without fear", "SQL" },
                location = "Bremerhaven",
                type = "full-time",
                salary = new { min = 58000, max = 72000, currency = "EUR" },
                tags = new[] { "csharp", "messaging" },
            };
            var answer = await api.CreateAsync("/api/v1/jobs", employer.Token, post, async () =>
            {
                var found = await SeeAsync(api, $"/api/v1/jobs?company={companyId}", null, "looking for the post", cancellationToken);
                return found.Items.FirstOrDefault() is { } there ? await api.GetAsync($"/api/v1/jobs/{there.Id()}", null, cancellationToken) : null;
            }, cancellationToken);
            Claim(api, answer.Status is 201 or 200, $"posting a job was answered with {answer.Status}: {answer.Excerpt}");
            return (answer.Data.Id(), title);
        });

    private async Task SearchAsync(StoryClient api, string word, Guid jobId, CancellationToken cancellationToken) =>
        await StepAsync(api, "She searches for it", async () =>
        {
            var found = await api.UntilAsync(
                async () => (await SeeAsync(api, $"/api/v1/jobs?q={word}", null, "searching", cancellationToken)).Items.ToList(),
                jobs => jobs.Exists(j => j.Id() == jobId), jobs => $"{jobs.Count} other posts", $"the post among what “{word}” finds", cancellationToken);
            Claim(api, found.Count == 1, $"“{word}” finds {found.Count} posts instead of one");
            return (true, $"“{word}” finds {found[0].Text("title")}");
        });

    private async Task<Guid> ApplyAsync(StoryClient api, Person person, Guid jobId, CancellationToken cancellationToken) =>
        await StepAsync(api, "She applies, and once more", async () =>
        {
            var path = $"/api/v1/jobs/{jobId}/apply";
            var application = new { resumeUrl = "https://people.example/ada-sommer", coverLetter = "I hold a certificate in trusting Git." };
            var first = await api.PostAsync(path, person.Token, application, cancellationToken);
            // 409 after a lost answer: the application is there already.
            var applied = first.Status == 201 || first is { Status: 409, Code: "JOB_003", Repeated: true };
            Claim(api, applied, $"applying was answered with {first.Status}: {first.Excerpt}");
            Expect(api, await api.PostAsync(path, person.Token, application, cancellationToken), 409, "applying again", "JOB_003");
            var mine = (await SeeAsync(api, "/api/v1/applications?limit=100", person.Token, "listing her applications", cancellationToken))
                .Items.Where(a => a.Id("jobId") == jobId).ToList();
            Claim(api, mine.Count == 1, $"she has {mine.Count} applications for the job instead of one");
            return (mine[0].Id(), "pending; the second time is 409 JOB_003");
        });

    private async Task ReadApplicationAsync(
        StoryClient api, Person employer, Person person, Guid jobId, Guid applicationId, CancellationToken cancellationToken) =>
        await StepAsync(api, "He reads her application", async () =>
        {
            var list = await SeeAsync(api, $"/api/v1/jobs/{jobId}/applications", employer.Token, "listing applications", cancellationToken);
            var received = list.Items.ToList();
            Claim(api, received.Count == 1 && received[0].Id() == applicationId, $"he sees {received.Count} applications instead of hers");
            var opened = (await SeeAsync(api, $"/api/v1/applications/{applicationId}", employer.Token, "opening the application", cancellationToken)).Data;
            Claim(api, opened.Id("userId") == person.Id, "the application is somebody else's");
            await api.UntilAsync(
                () => ToldAsync(api, person, cancellationToken), told => told.Any(n => n.Is("application-viewed", "applicationId", applicationId)), Describe,
                "word to her that he opened it", cancellationToken);
            return (true, $"one application, {opened.Text("status")}; she hears that it was opened");
        });

    private async Task RefuseStrangerAsync(StoryClient api, Guid jobId, Guid applicationId, CancellationToken cancellationToken)
    {
        var stranger = await JoinAsync(api, "Mona Lind", "employer", cancellationToken);
        await StepAsync(api, "Another employer asks for it", async () =>
        {
            var path = $"/api/v1/applications/{applicationId}";
            Expect(api, await api.GetAsync(path, stranger.Token, cancellationToken), 404, "reading it as another employer");
            Expect(api, await api.PatchAsync(path, stranger.Token, new { status = "rejected" }, cancellationToken), 404, "moving it as another employer");
            Expect(api, await api.GetAsync($"/api/v1/jobs/{jobId}/applications", stranger.Token, cancellationToken), 404, "listing them as another employer");
            return (true, "404, 404 and 404");
        });
    }

    private async Task MoveAsync(StoryClient api, Person employer, Person person, Guid applicationId, string status, CancellationToken cancellationToken) =>
        await StepAsync(api, $"He moves it to {status}", async () =>
        {
            var path = $"/api/v1/applications/{applicationId}";
            var answer = await api.PatchAsync(path, employer.Token, new { status }, cancellationToken);
            // 409 after a lost answer: it may have been moved by the request whose answer was lost.
            if (answer is not { Status: 409, Repeated: true })
                Expect(api, answer, 200, "moving the application");
            var now = (await SeeAsync(api, path, person.Token, "reading the application", cancellationToken)).Data.Text("status");
            Claim(api, now == status, $"the application is {now} and not {status}");
            await api.UntilAsync(
                () => ToldAsync(api, person, cancellationToken),
                told => told.Any(n => n.Is("application-moved", "applicationId", applicationId) && n.Data["status"]?.GetValue<string>() == status),
                Describe, $"word to her that it is {status}", cancellationToken);
            return (true, $"{status}; she hears of it");
        });

    private async Task EmployerHeardAsync(StoryClient api, Person employer, Guid applicationId, CancellationToken cancellationToken) =>
        await StepAsync(api, "He looks at his own notifications", async () =>
        {
            var told = await api.UntilAsync(
                () => ToldAsync(api, employer, cancellationToken), told => told.Any(n => n.Is("application-received", "applicationId", applicationId)),
                Describe, "word to him of the application", cancellationToken);
            var received = told.Count(n => n.Kind == "application-received");
            Claim(api, received == 1, $"he was told {received} times of one application");
            return (true, "told once of the application");
        });

    private sealed record Hiring(Guid JobId, Guid ApplicationId, string Status);
}
