using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using TalentSphere.Auth.Tokens;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

public sealed class TokenTests(AuthFixture auth)
{
    [Fact]
    public async Task An_access_token_says_what_the_contract_says()
    {
        var person = await auth.RegisterAsync();
        var parts = person.AccessToken.Split('.');
        var header = JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!.AsObject();
        var payload = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!.AsObject();

        header.Select(p => p.Key).ShouldBe(["alg", "typ", "kid"]);
        header["alg"]!.GetValue<string>().ShouldBe("ES256");
        payload.Select(p => p.Key).ShouldBe(["iss", "aud", "sub", "sid", "gen", "jti", "roles", "iat", "exp"]);
        payload["iss"]!.GetValue<string>().ShouldBe(TestTokens.Issuer);
        payload["aud"]!.GetValue<string>().ShouldBe(TestTokens.Audience);
        payload["sub"]!.GetValue<Guid>().ShouldBe(person.Id);
        payload["roles"]!.AsArray().Count.ShouldBe(1);
        (payload["exp"]!.GetValue<long>() - payload["iat"]!.GetValue<long>()).ShouldBe(900);

        var verified = (await auth.Bearer(person.AccessToken).AskAsync("/api/v1/auth/verify")).Data;
        verified["valid"]!.GetValue<bool>().ShouldBeTrue();
        verified["userId"]!.GetValue<Guid>().ShouldBe(person.Id);
        verified["expiresAt"]!.GetValue<DateTime>().ShouldBe(DateTimeOffset.FromUnixTimeSeconds(payload["exp"]!.GetValue<long>()).UtcDateTime);
    }

    [Fact]
    public async Task The_published_key_checks_the_tokens_and_holds_no_secret()
    {
        var person = await auth.RegisterAsync();
        var answer = await auth.Anonymous().AskAsync("/.well-known/jwks.json");
        answer.Headers.CacheControl!.Public.ShouldBeTrue();
        var key = answer.Json["keys"]!.AsArray().ShouldHaveSingleItem()!.AsObject();
        key.Select(p => p.Key).Order().ShouldBe(["alg", "crv", "kid", "kty", "use", "x", "y"]);

        var parts = person.AccessToken.Split('.');
        JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!["kid"]!.GetValue<string>().ShouldBe(key["kid"]!.GetValue<string>());
        using var publicKey = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new() { X = Base64Url.DecodeFromChars(key["x"]!.GetValue<string>()), Y = Base64Url.DecodeFromChars(key["y"]!.GetValue<string>()) },
        });
        publicKey.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256).ShouldBeTrue();

        var again = new HttpRequestMessage(HttpMethod.Get, "/.well-known/jwks.json");
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        (await auth.Anonymous().ReadAsync(again)).Status.ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task Discovery_names_the_issuer_and_its_keys()
    {
        var document = (await auth.Anonymous().AskAsync("/.well-known/openid-configuration")).Json;
        document["issuer"]!.GetValue<string>().ShouldBe(TestTokens.Issuer);
        document["jwks_uri"]!.GetValue<string>().ShouldBe(TestTokens.Issuer + "/.well-known/jwks.json");
        document["id_token_signing_alg_values_supported"]!.AsArray().ShouldHaveSingleItem()!.GetValue<string>().ShouldBe("ES256");
    }

    [Fact]
    public async Task No_forged_token_passes()
    {
        var person = await auth.RegisterAsync();
        var forge = await Forge.WithAsync(auth, person);

        // The same forge, with nothing wrong, passes: what is refused below is refused for its fault.
        (await SeenAsync(forge.Sign())).ShouldBe(HttpStatusCode.OK);

        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var strangersKey = stranger.ExportParameters(includePrivateParameters: false).Q;
        var jwk = new JsonObject
        {
            ["kty"] = "EC",
            ["crv"] = "P-256",
            ["x"] = Base64Url.EncodeToString(strangersKey.X),
            ["y"] = Base64Url.EncodeToString(strangersKey.Y),
        };
        var parts = person.AccessToken.Split('.');
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        (string Fault, string Token)[] forged =
        [
            .. TestTokens.Forged(person.Id, "admin"),
            ("alg none", forge.Write(h => h["alg"] = "none") + "."),
            ("alg None, our signature", forge.Sign(h => h["alg"] = "None")),
            ("no alg", forge.Sign(h => h.Remove("alg"))),
            ("alg ES384", forge.Sign(h => h["alg"] = "ES384")),
            ("alg RS256", forge.Sign(h => h["alg"] = "RS256")),
            ("HS256 with the public key, DER", forge.Hmac(forge.PublicKey)),
            ("HS256 with the public key, PEM", forge.Hmac(Encoding.ASCII.GetBytes(PemEncoding.Write("PUBLIC KEY", forge.PublicKey)))),
            ("HS256 with the kid", forge.Hmac(Encoding.ASCII.GetBytes(forge.KeyId))),
            ("HS256 with nothing", forge.Hmac([])),
            ("embedded jwk", forge.Sign(h => h["jwk"] = jwk.DeepClone(), key: stranger)),
            ("jku", forge.Sign(h => h["jku"] = "https://elsewhere.example/jwks.json", key: stranger)),
            ("x5u", forge.Sign(h => h["x5u"] = "https://elsewhere.example/cert", key: stranger)),
            ("stranger's key, our kid", forge.Sign(key: stranger)),
            ("stranger's key, no kid", forge.Sign(h => h.Remove("kid"), key: stranger)),
            ("kid as a path", forge.Sign(h => h["kid"] = "../../../../dev/null", key: stranger)),
            ("kid as SQL", forge.Sign(h => h["kid"] = "' UNION SELECT 1 --", key: stranger)),
            ("kid as a number", forge.Sign(h => h["kid"] = 7, key: stranger)),
            ("crit", forge.Sign(h => h["crit"] = new JsonArray("b64"), key: stranger)),
            ("wrong issuer", forge.Sign(payload: p => p["iss"] = "https://elsewhere.example")),
            ("no issuer", forge.Sign(payload: p => p.Remove("iss"))),
            ("wrong audience", forge.Sign(payload: p => p["aud"] = "another")),
            ("no audience", forge.Sign(payload: p => p.Remove("aud"))),
            ("expired", forge.Sign(payload: p => p["exp"] = now - 60)),
            ("no expiry", forge.Sign(payload: p => p.Remove("exp"))),
            ("expiry as words", forge.Sign(payload: p => p["exp"] = "soon")),
            ("expiry as an object", forge.Sign(payload: p => p["exp"] = new JsonObject())),
            ("expiry null", forge.Sign(payload: p => p["exp"] = null)),
            ("expiry before time", forge.Sign(payload: p => p["exp"] = -1)),
            ("not yet valid", forge.Sign(payload: p => p["nbf"] = now + 600)),
            ("no subject", forge.Sign(payload: p => p.Remove("sub"))),
            ("subject that is no id", forge.Sign(payload: p => p["sub"] = "admin")),
            ("payload changed", $"{parts[0]}.{forge.Write(payload: p => p["roles"] = new JsonArray("admin")).Split('.')[1]}.{parts[2]}"),
            ("signature cut", person.AccessToken[..^4]),
            ("signature empty", $"{parts[0]}.{parts[1]}."),
            ("signature of zeros", $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(new byte[64])}"),
            ("signature in DER", forge.SignDer()),
            ("two tokens", person.AccessToken + "." + person.AccessToken),
            ("five parts", $"{parts[0]}.a.b.c.d"),
            ("payload no JSON", forge.SignText("not json")),
            ("payload a list", forge.SignText("[]")),
            ("payload null", forge.SignText("null")),
            ("payload a number", forge.SignText("5")),
            ("payload deep", forge.SignText(string.Concat(Enumerable.Repeat("{\"a\":", 600)) + "1" + new string('}', 600))),
            ("header a list", $"{Base64Url.EncodeToString("[]"u8)}.{parts[1]}.{parts[2]}"),
            ("header null", $"{Base64Url.EncodeToString("null"u8)}.{parts[1]}.{parts[2]}"),
            ("header alg a number", forge.Sign(h => h["alg"] = 1)),
            ("header alg an object", forge.Sign(h => h["alg"] = new JsonObject())),
            ("dots", ".."),
            ("20 KB", new string('a', 20_000)),
            ("20 KB in three parts", $"{parts[0]}.{new string('a', 20_000)}.{parts[2]}"),
        ];
        var seen = new List<string>();
        foreach (var (fault, token) in forged)
        {
            var answer = await auth.Bearer("x").ReadAsync(With(token));
            if (answer.Status != HttpStatusCode.Unauthorized || !answer.Headers.WwwAuthenticate.ToString().StartsWith("Bearer", StringComparison.Ordinal))
                seen.Add($"{fault}: {(int)answer.Status}");
            if (answer.Body.Contains(token, StringComparison.Ordinal))
                seen.Add($"{fault}: repeated");
        }
        seen.ShouldBeEmpty();
        var log = string.Join('\n', auth.Log);
        forged.Where(f => f.Token.Length > 40 && log.Contains(f.Token, StringComparison.Ordinal)).ShouldBeEmpty();

        async Task<HttpStatusCode> SeenAsync(string token) => (await auth.Anonymous().ReadAsync(With(token))).Status;
    }

    [Fact]
    public async Task Odd_claims_of_our_own_never_break_the_service()
    {
        var person = await auth.RegisterAsync();
        var forge = await Forge.WithAsync(auth, person);
        string[] odd =
        [
            forge.Sign(payload: p => p["exp"] = 1e300),
            forge.Sign(payload: p => p["exp"] = 9_223_372_036_854_775_807),
            forge.Sign(payload: p => p["nbf"] = -9_223_372_036_854_775_808),
            forge.Sign(payload: p => p["nbf"] = 1e300),
            forge.Sign(payload: p => p["aud"] = new JsonArray(new JsonObject())),
            forge.Sign(payload: p => p["iss"] = new JsonArray("a")),
            forge.Sign(payload: p => p["sub"] = new JsonArray(person.Id.ToString(), Guid.CreateVersion7().ToString())),
            forge.Sign(payload: p => p["sid"] = "x"),
            forge.Sign(payload: p => p["roles"] = new JsonObject { ["admin"] = true }),
            forge.Sign(payload: p => p["roles"] = null),
            forge.SignText(
                $$"""{"iss":"{{TestTokens.Issuer}}","aud":"talentsphere","sub":"{{person.Id}}","sub":"{{Guid.CreateVersion7()}}","exp":99999999999}"""),
        ];
        foreach (var token in odd)
        {
            foreach (var path in (string[])["/api/v1/auth/me", "/api/v1/auth/verify", "/api/v1/auth/sessions"])
                ((int)(await auth.Anonymous().ReadAsync(With(token, path))).Status).ShouldBeLessThan(500, token);
            ((int)(await auth.Anonymous().ReadAsync(With(token, "/api/v1/auth/users"))).Status).ShouldBeOneOf(401, 403);
        }
    }

    [Fact]
    public async Task A_token_of_a_megabyte_gets_no_further_than_the_door()
    {
        using var client = new HttpClient { BaseAddress = auth.Address };
        var status = await StatusAsync(client);
        status.ShouldBeOneOf(HttpStatusCode.Unauthorized, HttpStatusCode.RequestHeaderFieldsTooLarge);

        static async Task<HttpStatusCode> StatusAsync(HttpClient client)
        {
            try
            {
                return (await client.SendAsync(With(new string('a', 1_000_000)))).StatusCode;
            }
            catch (HttpRequestException)
            {
                // The server answers and hangs up while we are still sending: the answer may be lost with the connection.
                return HttpStatusCode.RequestHeaderFieldsTooLarge;
            }
        }
    }

    [Fact]
    public async Task A_token_in_a_header_twice_or_under_another_scheme_is_none()
    {
        var person = await auth.RegisterAsync();
        foreach (var value in (string[])[$"Basic {person.AccessToken}", person.AccessToken,
            "Bearer", "Bearer ", $"Bearer {person.AccessToken}, Bearer {person.AccessToken}"])
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/auth/me");
            request.Headers.TryAddWithoutValidation("Authorization", value);
            (await auth.Anonymous().ReadAsync(request)).Status.ShouldBe(HttpStatusCode.Unauthorized, value[..6]);
        }
        var inQuery = await auth.Anonymous().AskAsync("/api/v1/auth/me?access_token=" + person.AccessToken);
        inQuery.Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private static HttpRequestMessage With(string token, string path = "/api/v1/auth/me")
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        return request;
    }

    /// <summary>Writes tokens with the service's own key: only the fault under test is wrong with them.</summary>
    private sealed record Forge(string KeyId, ECParameters Key, JsonObject Header, JsonObject Payload)
    {
        public byte[] PublicKey
        {
            get
            {
                using var key = ECDsa.Create(Key);
                return key.ExportSubjectPublicKeyInfo();
            }
        }

        public static async Task<Forge> WithAsync(AuthFixture auth, Person person)
        {
            var (id, key) = await auth.Services.GetRequiredService<KeyRing>().SigningKeyAsync(default);
            var parts = person.AccessToken.Split('.');
            return new(id, key, JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!.AsObject(),
                JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!.AsObject());
        }

        public string Write(Action<JsonObject>? header = null, Action<JsonObject>? payload = null) => $"{Part(Header, header)}.{Part(Payload, payload)}";

        public string Sign(Action<JsonObject>? header = null, Action<JsonObject>? payload = null, ECDsa? key = null) =>
            SignContent(Write(header, payload), key);

        public string SignText(string payload) => SignContent($"{Part(Header, null)}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}", null);

        public string SignDer()
        {
            using var ours = ECDsa.Create(Key);
            var content = Write();
            var signature = ours.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
            return $"{content}.{Base64Url.EncodeToString(signature)}";
        }

        public string Hmac(byte[] secret)
        {
            var content = Write(h => h["alg"] = "HS256");
            return $"{content}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(content)))}";
        }

        private string SignContent(string content, ECDsa? key)
        {
            using var ours = ECDsa.Create(Key);
            return $"{content}.{Base64Url.EncodeToString((key ?? ours).SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256))}";
        }

        private static string Part(JsonObject original, Action<JsonObject>? change)
        {
            var part = original.DeepClone().AsObject();
            change?.Invoke(part);
            return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
        }
    }
}
