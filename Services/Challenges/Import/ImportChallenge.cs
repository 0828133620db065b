using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Import;

/// <summary>What came of a package.</summary>
/// <param name="Id">The new draft's.</param>
/// <param name="Challenge">The new draft.</param>
/// <param name="TestCases">How many it has, hidden ones too.</param>
/// <param name="Solutions">How many it has.</param>
/// <param name="Notes">What was left out or became something else.</param>
internal sealed record ImportView(Guid Id, ChallengeView Challenge, int TestCases, int Solutions, IReadOnlyList<string> Notes);

/// <summary>
/// Makes a draft of a problem package: all of it or nothing. Nothing of the package is run here; its submissions are, in boxes, when the draft
/// is checked.
/// </summary>
internal static class ImportChallenge
{
    /// <summary>What the request's body may have, multipart's own lines included.</summary>
    public const int MaxRequest = PackageArchive.MaxBytes + (64 * 1024);

    private const int _atATime = 4;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    // Each holds the archive and what is in it in memory.
    private static readonly SemaphoreSlim _turns = new(_atATime);

    public static async Task<Results<ApiCreated<ImportView>, ApiProblem>> HandleAsync(
        string? difficulty, HttpRequest request, ChallengesDbContext db, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (ParseDifficulty(difficulty) is not { } worth)
            return Api.Invalid(nameof(difficulty), "must be one of easy, medium, hard");
        if (!await _turns.WaitAsync(_patience, cancellationToken))
            return Api.Problem(StatusCodes.Status503ServiceUnavailable, "IMPORT_BUSY", "Other packages are being imported.").RetryAfter(_patience);
        try
        {
            if (await ReadAsync(request, cancellationToken) is not { } bytes)
                return Api.Problem(StatusCodes.Status413PayloadTooLarge, "PAYLOAD_TOO_LARGE", $"A package has at most {PackageArchive.MaxBytes} bytes.");
            if (bytes.Length == 0)
            {
                return Api.Problem(
                    StatusCodes.Status400BadRequest, "BAD_REQUEST", "The request holds no package: send the zip archive itself, or a form with one file.");
            }
            var id = Guid.CreateVersion7();
            var package = PackageReader.Read(bytes, id);
            var challenge = new Challenge
            {
                Id = id,
                AuthorId = user.UserId(),
                Title = package.Title,
                Statement = package.Statement,
                Difficulty = worth,
                Tags = package.Tags,
                TimeLimitMs = package.TimeLimitMs,
                MemoryLimitKb = package.MemoryLimitKb,
                Checker = package.Checker,
            };
            challenge.TestCases.AddRange(package.Tests);
            challenge.Solutions.AddRange(package.Solutions);
            if (challenge.HasTooLongTests)
                return Refuse(new FailureDetail("data", $"all tests of a challenge have at most {Challenge.MaxTestBytes} bytes together"));
            db.Challenges.Add(challenge);
            await db.SaveChangesAsync(cancellationToken);
            var view = new ImportView(id, ChallengeView.ForAuthor(challenge), challenge.TestCases.Count, challenge.Solutions.Count, package.Notes);
            return Api.Created($"/api/v1/challenges/{id}", view).WithVersion(challenge.Version);
        }
        catch (PackageException e)
        {
            return Refuse([.. e.Faults]);
        }
        finally
        {
            _turns.Release();
        }
    }

    private static ApiProblem Refuse(params ReadOnlySpan<FailureDetail> faults) =>
        Api.Invalid("PACKAGE_INVALID", "The problem package cannot be imported.", faults);

    private static Difficulty? ParseDifficulty(string? text) => text?.Trim().ToLowerInvariant() switch
    {
        "easy" => Difficulty.Easy,
        null or "medium" => Difficulty.Medium,
        "hard" => Difficulty.Hard,
        _ => null,
    };

    /// <returns>The archive; empty when there is none in a form; null when it is too long.</returns>
    private static async Task<byte[]?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasFormContentType)
            return await ReadAsync(request.Body, cancellationToken);
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 70 } boundary)
            return [];
        // Not the form as such, which would be written to disk first.
        var reader = new MultipartReader(boundary.ToString(), request.Body) { HeadersCountLimit = 16, HeadersLengthLimit = 8 * 1024 };
        try
        {
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                if (section.GetContentDispositionHeader()?.IsFileDisposition() == true)
                    return await ReadAsync(section.Body, cancellationToken);
            }
        }
        catch (Exception e) when (e is InvalidDataException or (IOException and not BadHttpRequestException))
        {
            // No form, or one that ends in the middle.
            return [];
        }
        return [];
    }

    private static async Task<byte[]?> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        using var read = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await body.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            if (read.Length + count > PackageArchive.MaxBytes)
                return null;
            read.Write(buffer, 0, count);
        }
        return read.ToArray();
    }
}
