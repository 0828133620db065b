using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Judging;
using TalentSphere.Challenges.Submissions;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Proofs;

/// <summary>What a proof says: which program was judged by which tests under which limits, and what came of it.</summary>
/// <param name="Iss">Who says it: the platform's address.</param>
/// <param name="Sub">Who handed the program in.</param>
/// <param name="Iat">When the verdict was given, seconds since 1970.</param>
/// <param name="Submission">The submission.</param>
/// <param name="Challenge">The challenge.</param>
/// <param name="Attempt">The submission's attempt that the verdict came from; a later one overrules it.</param>
/// <param name="Language">The language's id.</param>
/// <param name="Toolchain">What compiled and ran it.</param>
/// <param name="SourceSha256">SHA-256 of the source in UTF-8, hexadecimal.</param>
/// <param name="TestsSha256">SHA-256 of the tests, hexadecimal; see <see cref="VerdictProof.HashOf(IEnumerable{TestCase})"/>.</param>
/// <param name="Tests">How many tests the challenge had.</param>
/// <param name="Limits">The limits of each test, before the language's factor.</param>
/// <param name="Checker">How output was compared.</param>
/// <param name="Verdict">What came of it.</param>
/// <param name="CpuMs">The slowest test's CPU time, milliseconds.</param>
/// <param name="MemoryKb">The largest test's peak memory, KiB.</param>
public sealed record VerdictStatement(
    string Iss,
    Guid Sub,
    long Iat,
    Guid Submission,
    Guid Challenge,
    int Attempt,
    string Language,
    string Toolchain,
    string SourceSha256,
    string TestsSha256,
    int Tests,
    JudgeLimits Limits,
    ProvenChecker Checker,
    string Verdict,
    int CpuMs,
    int MemoryKb);

/// <summary>How output was compared.</summary>
/// <param name="Kind"><c>exact</c>, <c>tokens</c>, <c>float</c>, <c>unordered-lines</c> or <c>program</c>.</param>
public sealed record ProvenChecker(string Kind)
{
    /// <summary>For <c>float</c>: the absolute tolerance.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Absolute { get; init; }

    /// <summary>For <c>float</c>: the relative tolerance.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Relative { get; init; }

    /// <summary>Whether letters may come in either case.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IgnoreCase { get; init; }

    /// <summary>For <c>program</c>: SHA-256 of its source in UTF-8, hexadecimal.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SourceSha256 { get; init; }

    internal static ProvenChecker Of(JudgeChecker checker) => new(checker.Kind)
    {
        Absolute = checker.Absolute,
        Relative = checker.Relative,
        IgnoreCase = checker.IgnoreCase,
        SourceSha256 = checker.Source is { } source ? VerdictProof.HashOf(source) : null,
    };
}

/// <summary>Proofs as JSON Web Signatures (RFC 7515) in the compact form, ES256 (RFC 7518 §3.4).</summary>
public static class VerdictProof
{
    /// <summary>The <c>typ</c> of the header: what was signed as an access token is never taken for a verdict, nor the other way round (RFC 8725 §3.11).</summary>
    public const string Type = "verdict+jws";

    /// <summary>Signs.</summary>
    public static string Sign(VerdictStatement statement, ECDsa key, string keyId)
    {
        ArgumentNullException.ThrowIfNull(key);
        var header = JsonSerializer.SerializeToUtf8Bytes(new Header("ES256", keyId, Type), ApiJson.Options);
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(statement, ApiJson.Options))}";
        return $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    /// <summary>Verifies a proof with nothing but the published keys.</summary>
    /// <returns>What it says; null when it was not signed so, to the last bit, by one of the keys.</returns>
    public static VerdictStatement? Verify(string proof, VerdictKeySet keys)
    {
        ArgumentNullException.ThrowIfNull(proof);
        ArgumentNullException.ThrowIfNull(keys);
        if (proof.Split('.') is not [var header, var payload, var signature] || Read<Header>(header) is not { Alg: "ES256", Typ: Type, Kid: var kid }
            || keys.Keys.FirstOrDefault(k => k.Kid == kid) is not { Kty: "EC", Crv: "P-256" } key
            || Decode(signature) is not { Length: 64 } bytes || Decode(key.X) is not { } x || Decode(key.Y) is not { } y)
            return null;
        using var pair = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = x, Y = y } });
        return pair.VerifyData(Encoding.ASCII.GetBytes($"{header}.{payload}"), bytes, HashAlgorithmName.SHA256) ? Read<VerdictStatement>(payload) : null;
    }

    /// <summary>SHA-256 of a source in UTF-8, hexadecimal.</summary>
    public static string HashOf(string source) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)));

    /// <summary>
    /// SHA-256 of tests, hexadecimal: over all of them by ordinal, each as the ordinal, then input and expected output with their length in bytes of UTF-8 before
    /// them; the three numbers in four bytes, most significant first.
    /// </summary>
    public static string HashOf(IEnumerable<TestCase> tests)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[4];
        foreach (var test in tests.OrderBy(t => t.Ordinal))
        {
            BinaryPrimitives.WriteInt32BigEndian(number, test.Ordinal);
            hash.AppendData(number);
            foreach (var text in (string[])[test.Input, test.ExpectedOutput])
            {
                var bytes = Encoding.UTF8.GetBytes(text);
                BinaryPrimitives.WriteInt32BigEndian(number, bytes.Length);
                hash.AppendData(number);
                hash.AppendData(bytes);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static T? Read<T>(string part)
        where T : class
    {
        try
        {
            return Decode(part) is { } bytes ? JsonSerializer.Deserialize<T>(bytes, ApiJson.Options) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Only the one way to write these bytes counts: a last character may hold bits that mean nothing (RFC 4648 §3.5).</summary>
    private static byte[]? Decode(string part)
    {
        try
        {
            var bytes = Base64Url.DecodeFromChars(part);
            return Base64Url.EncodeToString(bytes) == part ? bytes : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private sealed record Header(string Alg, string Kid, string Typ);
}
