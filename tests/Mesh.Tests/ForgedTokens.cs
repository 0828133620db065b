using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace TalentSphere.Mesh.Tests;

/// <summary>What an attacker can make of a good token and the published keys.</summary>
internal static class ForgedTokens
{
    public static IEnumerable<(string Fault, string Token)> Of(string good, JsonArray publishedKeys)
    {
        var parts = good.Split('.');
        var header = JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!.AsObject();
        var payload = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!.AsObject();
        var key = publishedKeys.Single(k => k!["kid"]!.GetValue<string>() == header["kid"]!.GetValue<string>())!;

        yield return ("alg none", $"{Encode(With(header, "alg", "none"))}.{parts[1]}.");
        yield return ("alg None", $"{Encode(With(header, "alg", "None"))}.{parts[1]}.{parts[2]}");
        var hmac = $"{Encode(With(header, "alg", "HS256"))}.{parts[1]}";
        foreach (var (name, secret) in PublicForms(key))
        {
            var signature = HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(hmac));
            yield return ($"HS256 with the public key as {name}", $"{hmac}.{Base64Url.EncodeToString(signature)}");
        }
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        yield return ("another key under our kid", Sign(header, payload, stranger));
        yield return ("another key under its own kid", Sign(With(header, "kid", "mine"), payload, stranger));
        yield return ("more roles", $"{parts[0]}.{Encode(With(payload, "roles", new JsonArray("admin")))}.{parts[2]}");
        yield return ("a longer life", $"{parts[0]}.{Encode(With(payload, "exp", 9_999_999_999))}.{parts[2]}");
        yield return ("no signature", $"{parts[0]}.{parts[1]}.");
        yield return ("signature of zeros", $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(new byte[64])}");
        yield return ("garbage", "garbage");
    }

    /// <summary>The forms in which the public key lies about: whichever a careless verifier takes for an HMAC secret.</summary>
    private static IEnumerable<(string Name, byte[] Secret)> PublicForms(JsonNode key)
    {
        using var published = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = { X = Base64Url.DecodeFromChars(key["x"]!.GetValue<string>()), Y = Base64Url.DecodeFromChars(key["y"]!.GetValue<string>()) },
        });
        yield return ("DER", published.ExportSubjectPublicKeyInfo());
        yield return ("PEM", Encoding.ASCII.GetBytes(published.ExportSubjectPublicKeyInfoPem()));
        yield return ("JWK", Encoding.UTF8.GetBytes(key.ToJsonString()));
    }

    private static string Sign(JsonObject header, JsonObject payload, ECDsa key)
    {
        var content = $"{Encode(header)}.{Encode(payload)}";
        return $"{content}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256))}";
    }

    private static JsonObject With(JsonObject source, string name, JsonNode value)
    {
        var changed = source.DeepClone().AsObject();
        changed[name] = value;
        return changed;
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
