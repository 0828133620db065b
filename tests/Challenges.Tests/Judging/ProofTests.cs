using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TalentSphere.Challenges.Data;
using TalentSphere.Challenges.Proofs;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.TestKit;
using static TalentSphere.Challenges.Tests.ChallengesFixture;

namespace TalentSphere.Challenges.Tests.Judging;

public class ProofTests(ChallengesFixture service)
{
    private readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task A_verdict_is_verified_with_the_published_keys_and_nothing_else()
    {
        var id = await PublishedAsync(service.Instructor(), hidden: "3 4\n");
        const string code = "cpu 12\nmemory 345\n# ä€";
        var (submission, proof) = await ProvenAsync(id, code);
        var statement = VerdictProof.Verify(proof, await KeysAsync()).ShouldNotBeNull();
        (statement.Submission, statement.Sub, statement.Challenge, statement.Attempt).ShouldBe((submission, _user, id, 1));
        (statement.Verdict, statement.CpuMs, statement.MemoryKb, statement.Language, statement.Toolchain).ShouldBe(("accepted", 12, 345, "python", "Stand-in 1.0"));
        (statement.Limits.CpuMs, statement.Limits.MemoryKb, statement.Tests, statement.Iss).ShouldBe((2000, 262144, 2, TestTokens.Issuer));
        statement.Checker.ShouldBe(new ProvenChecker("tokens"));
        DateTimeOffset.FromUnixTimeSeconds(statement.Iat).ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(2));
        // As anybody would who has the source and the tests, by the description alone.
        statement.SourceSha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code))));
        statement.TestsSha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(
            [0, 0, 0, 1, 0, 0, 0, 4, .. "1 2\n"u8, 0, 0, 0, 2, .. "3\n"u8, 0, 0, 0, 2, 0, 0, 0, 4, .. "3 4\n"u8, 0, 0, 0, 2, .. "7\n"u8])));
    }

    [Fact]
    public async Task A_plain_library_verifies_it_too()
    {
        var (_, proof) = await ProvenAsync(await PublishedAsync(service.Instructor()), "cpu 1");
        var keys = new Microsoft.IdentityModel.Tokens.JsonWebKeySet(await service.Anonymous().GetStringAsync("/api/v1/challenges/verdict-keys"));
        var handler = new System.IdentityModel.Tokens.Jwt.JwtSecurityTokenHandler { MapInboundClaims = false };
        handler.ValidateToken(proof, new()
        {
            IssuerSigningKeys = keys.GetSigningKeys(), ValidIssuer = TestTokens.Issuer,
            // A proof is for everybody and for ever.
            AudienceValidator = (_, _, _) => true, LifetimeValidator = (_, _, _, _) => true,
        }, out var token);
        ((System.IdentityModel.Tokens.Jwt.JwtSecurityToken)token).Payload["verdict"].ShouldBe("accepted");
    }

    [Fact]
    public async Task One_changed_character_or_bit_anywhere_and_it_is_no_proof()
    {
        var (_, proof) = await ProvenAsync(await PublishedAsync(service.Instructor()), "cpu 1");
        var keys = await KeysAsync();
        VerdictProof.Verify(proof, keys).ShouldNotBeNull();
        for (var i = 0; i < proof.Length; i++)
        {
            foreach (var bit in Enumerable.Range(0, 7))
            {
                var changed = string.Concat(proof.AsSpan(0, i), ((char)(proof[i] ^ (1 << bit))).ToString(), proof.AsSpan(i + 1));
                VerdictProof.Verify(changed, keys).ShouldBeNull($"bit {bit} of position {i}");
            }
        }
        // Beneath the encoding as well: every byte that was signed, and every one of the signature.
        var parts = proof.Split('.');
        for (var part = 0; part < 3; part++)
        {
            var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(parts[part]);
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] ^= 1;
                var changed = (string[])parts.Clone();
                changed[part] = System.Buffers.Text.Base64Url.EncodeToString(bytes);
                VerdictProof.Verify(string.Join('.', changed), keys).ShouldBeNull($"byte {i} of part {part}");
                bytes[i] ^= 1;
            }
        }
        foreach (var wrong in new[] { "", ".", "..", "...", proof + ".", proof + "=", proof + " ", " " + proof, proof + "\n", $"{parts[0]}.{parts[1]}.", $"{parts[0]}.{parts[1]}" })
            VerdictProof.Verify(wrong, keys).ShouldBeNull(wrong);
    }

    [Fact]
    public async Task Neither_another_key_nor_another_algorithm_nor_an_access_token_makes_a_proof()
    {
        var (_, proof) = await ProvenAsync(await PublishedAsync(service.Instructor()), "cpu 1");
        var keys = await KeysAsync();
        var statement = VerdictProof.Verify(proof, keys)!;
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        VerdictProof.Verify(VerdictProof.Sign(statement, stranger, keys.Keys[0].Kid), keys).ShouldBeNull();
        VerdictProof.Verify(VerdictProof.Sign(statement, stranger, "another"), keys).ShouldBeNull();
        var payload = proof.Split('.')[1];
        foreach (var header in new[] { """{"alg":"none","kid":"K","typ":"verdict+jws"}""", """{"alg":"HS256","kid":"K","typ":"verdict+jws"}""", """{"alg":"ES256","kid":"K","typ":"JWT"}""", "null", "[]" })
        {
            var encoded = System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.Replace("K", keys.Keys[0].Kid)));
            VerdictProof.Verify($"{encoded}.{payload}.{proof.Split('.')[2]}", keys).ShouldBeNull(header);
        }
        VerdictProof.Verify(TestTokens.Mint(_user), keys).ShouldBeNull();
        var withProof = service.Anonymous();
        withProof.DefaultRequestHeaders.Authorization = new("Bearer", proof);
        (await withProof.AskAsync("/api/v1/submissions")).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_proof_is_for_the_owner_the_author_and_admins_once_there_is_one()
    {
        var author = service.Instructor();
        var id = await PublishedAsync(author);
        var learner = service.Learner(_user);
        var submission = await SubmitAsync(learner, id, $"wait {_user}");
        var route = $"/api/v1/submissions/{submission}/verdict";
        (await learner.AskAsync(route)).Code.ShouldBe("SUBMISSION_NOT_JUDGED");
        service.Judge.Open(_user.ToString());
        await JudgedAsync(learner, submission);
        (await author.AskAsync(route)).Status.ShouldBe(HttpStatusCode.OK);
        (await service.Learner().AskAsync(route)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await service.Anonymous().AskAsync(route)).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Private_keys_are_nowhere_in_the_open()
    {
        var published = (await service.Anonymous().AskAsync("/api/v1/challenges/verdict-keys")).Json["keys"]!.AsArray().Single()!.AsObject();
        published.Select(m => m.Key).Order().ShouldBe(["alg", "crv", "kid", "kty", "use", "x", "y"]);
        var stored = await service.WithAsync<ChallengesDbContext, VerdictKey>(db => db.VerdictKeys.AsNoTracking().SingleAsync());
        using var pair = ECDsa.Create();
        Should.Throw<CryptographicException>(() => pair.ImportPkcs8PrivateKey(stored.SealedPrivateKey, out _));
        var other = new KeySeal(Options.Create(new ProofOptions { KeyEncryptionKey = new('x', 40) }));
        Should.Throw<InvalidOperationException>(() => stored.OpenPrivateKey(other)).Message.ShouldContain("Proofs:KeyEncryptionKey");
        stored.OpenPrivateKey(new KeySeal(Options.Create(new ProofOptions { KeyEncryptionKey = "a-secret-of-the-test-run-and-of-nothing-else" }))).D.ShouldNotBeNull();
    }

    private async Task<(Guid Submission, string Proof)> ProvenAsync(Guid challenge, string code)
    {
        var learner = service.Learner(_user);
        var submission = await SubmitAsync(learner, challenge, code);
        await JudgedAsync(learner, submission);
        return (submission, (await learner.AskAsync($"/api/v1/submissions/{submission}/verdict")).Data["proof"]!.GetValue<string>());
    }

    private async Task<VerdictKeySet> KeysAsync() =>
        JsonSerializer.Deserialize<VerdictKeySet>(await service.Anonymous().GetStringAsync("/api/v1/challenges/verdict-keys"), ApiJson.Options)!;
}
