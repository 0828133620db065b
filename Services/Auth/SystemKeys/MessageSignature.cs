using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;

namespace TalentSphere.Auth.SystemKeys;

/// <summary>
/// One signature of a request (HTTP Message Signatures, RFC 9421), as <c>Signature-Input</c> and <c>Signature</c> tell it: what it covers, its parameters and its
/// bytes. Read strictly: one signature, components without parameters, each once; whatever goes beyond that is no signature to us.
/// </summary>
public sealed partial class MessageSignature
{
    /// <summary>The one algorithm that is taken (RFC 9421 §3.3.3).</summary>
    public const string Algorithm = "hmac-sha256";

    private const int _longestInput = 1024;

    private MessageSignature(IReadOnlyList<string> components, IReadOnlyDictionary<string, string> parameters, string parametersText, byte[] value) =>
        (Components, Parameters, ParametersText, Value) = (components, parameters, parametersText, value);

    /// <summary>What is covered, in the order in which it was signed.</summary>
    public IReadOnlyList<string> Components { get; }

    /// <summary>Its parameters by name, strings without their quotes.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; }

    /// <summary>The signature itself.</summary>
    public byte[] Value { get; }

    /// <summary>Which key.</summary>
    public string? KeyId => Parameters.GetValueOrDefault("keyid");

    /// <summary>Good for one use.</summary>
    public string? Nonce => Parameters.GetValueOrDefault("nonce");

    /// <summary>When it was made.</summary>
    public DateTimeOffset? Created => Time("created");

    /// <summary>Up to when it is good; null when it does not say.</summary>
    public DateTimeOffset? Expires => Time("expires");

    private string ParametersText { get; }

    /// <summary>Reads the two fields; null when they are not one signature in the form that is taken.</summary>
    public static MessageSignature? Read(string? input, string? signature)
    {
        if (input is null || signature is null || input.Length > _longestInput || signature.Length > _longestInput)
            return null;
        var (told, given) = (Input().Match(input.Trim()), Bytes().Match(signature.Trim()));
        if (!told.Success || !given.Success || told.Groups["label"].Value != given.Groups["label"].Value)
            return null;
        var components = told.Groups["component"].Captures.Select(c => c.Value).ToList();
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        var text = new StringBuilder();
        foreach (var (name, value) in told.Groups["name"].Captures.Zip(told.Groups["value"].Captures, (n, v) => (n.Value, v.Value)))
        {
            // What is a number is a number, and nothing is said twice.
            var isText = value[0] == '"';
            if ((name is "created" or "expires") == isText || !parameters.TryAdd(name, isText ? value[1..^1] : value))
                return null;
            text.Append(';').Append(name).Append('=').Append(value);
        }
        if (components.Distinct(StringComparer.Ordinal).Count() != components.Count || parameters.GetValueOrDefault("alg", Algorithm) != Algorithm)
            return null;
        var bytes = new byte[given.Groups["bytes"].Length];
        return Convert.TryFromBase64String(given.Groups["bytes"].Value, bytes, out var length)
            ? new(components, parameters, text.ToString(), bytes[..length]) : null;
    }

    /// <summary>The text that is signed (RFC 9421 §2.5); null when something that is covered is not there.</summary>
    public string? BaseOf(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var text = new StringBuilder();
        foreach (var component in Components)
        {
            if (Value(request, component) is not { } value)
                return null;
            text.Append('"').Append(component).Append("\": ").Append(value).Append('\n');
        }
        return text.Append("\"@signature-params\": (").AppendJoin(' ', Components.Select(c => $"\"{c}\"")).Append(')').Append(ParametersText).ToString();

        static string? Value(HttpRequest request, string component) => component switch
        {
            "@method" => request.Method,
            "@authority" => request.Host.ToUriComponent().ToLowerInvariant(),
            "@path" => Target(request).Path,
            "@query" => Target(request).Query,
            ['@', ..] => null,
            _ => request.Headers.TryGetValue(component, out var values) ? string.Join(", ", values.Select(v => v?.Trim())) : null,
        };

        // As it came over the wire: what was decoded and encoded again may differ.
        static (string Path, string Query) Target(HttpRequest request)
        {
            var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            var at = target.IndexOf('?', StringComparison.Ordinal);
            return at < 0 ? (target, "?") : (target[..at], target[at..]);
        }
    }

    /// <summary>True when this is what the secret makes of the request.</summary>
    public bool Matches(string signatureBase, ReadOnlySpan<byte> secret) =>
        CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(signatureBase)), Value);

    /// <summary>The SHA-256 that a <c>Content-Digest</c> (RFC 9530) tells, alone or among others; null when it tells none.</summary>
    public static byte[]? DigestIn(string? field)
    {
        if (field is not { Length: <= _longestInput } || Digest().Match(field) is not { Success: true } match)
            return null;
        var bytes = new byte[SHA256.HashSizeInBytes + 1];
        return Convert.TryFromBase64String(match.Groups["bytes"].Value, bytes, out var length) && length == SHA256.HashSizeInBytes ? bytes[..length] : null;
    }

    private DateTimeOffset? Time(string name) =>
        Parameters.TryGetValue(name, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    // Structured fields (RFC 9651): a dictionary with one inner list of strings, and one with one byte sequence.
    [GeneratedRegex(
        """^(?<label>[a-z*][a-z0-9_.*-]{0,63})=\( *(("(?<component>@?[a-z0-9-]{1,64})")( +"(?<component>@?[a-z0-9-]{1,64})")*)? *\)"""
        + """(; *(?<name>created|expires|nonce|alg|keyid|tag)=(?<value>[0-9]{1,15}|"[\x20\x21\x23-\x5B\x5D-\x7E]{0,256}"))*\z""",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Input();

    [GeneratedRegex(@"^(?<label>[a-z*][a-z0-9_.*-]{0,63})=:(?<bytes>[A-Za-z0-9+/]{1,200}={0,2}):\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Bytes();

    [GeneratedRegex(@"(?:^|,)[ \t]*sha-256=:(?<bytes>[A-Za-z0-9+/]{43}=):[ \t]*(?:,|\z)", RegexOptions.ExplicitCapture)]
    private static partial Regex Digest();
}
