using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TalentSphere.Cli.Machine;

/// <summary>What an image is made of (SPDX 2.3), from the project's lock file: every package with its version and the hash that restore insists on.</summary>
public static class PartsList
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    /// <summary>Writes it; the same lock file gives the same bytes.</summary>
    /// <returns>Its path and its digest, <c>sha256:…</c>.</returns>
    public static (string Path, string Digest) Write(string project, string directory)
    {
        var name = Path.GetFileNameWithoutExtension(project).ToLowerInvariant();
        var lockFile = File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json"));
        var content = JsonSerializer.SerializeToUtf8Bytes(Document(name, lockFile), _indented);
        var path = Path.Combine(directory, $"{name}.spdx.json");
        File.WriteAllBytes(path, content);
        return (path, "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    private static JsonObject Document(string name, byte[] lockFile)
    {
        var packages = new JsonArray();
        var relations = new JsonArray { Relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Image") };
        packages.Add(new JsonObject
        {
            ["SPDXID"] = "SPDXRef-Image",
            ["name"] = $"talentsphere/{name}",
            ["downloadLocation"] = "NOASSERTION",
            ["filesAnalyzed"] = false,
        });
        foreach (var (id, version, hash) in Packages(lockFile))
        {
            var reference = $"SPDXRef-{id}-{version}";
            packages.Add(new JsonObject
            {
                ["SPDXID"] = reference,
                ["name"] = id,
                ["versionInfo"] = version,
                ["downloadLocation"] = "NOASSERTION",
                ["filesAnalyzed"] = false,
                ["checksums"] = new JsonArray { new JsonObject { ["algorithm"] = "SHA512", ["checksumValue"] = Convert.ToHexStringLower(Convert.FromBase64String(hash)) } },
                ["externalRefs"] = new JsonArray
                {
                    new JsonObject { ["referenceCategory"] = "PACKAGE-MANAGER", ["referenceType"] = "purl", ["referenceLocator"] = $"pkg:nuget/{id}@{version}" },
                },
            });
            relations.Add(Relation("SPDXRef-Image", "CONTAINS", reference));
        }
        return new()
        {
            ["spdxVersion"] = "SPDX-2.3",
            ["dataLicense"] = "CC0-1.0",
            ["SPDXID"] = "SPDXRef-DOCUMENT",
            ["name"] = $"talentsphere/{name}",
            ["documentNamespace"] = $"https://talentsphere.example/spdx/{name}/{Convert.ToHexStringLower(SHA256.HashData(lockFile))}",
            // Of the content, not of the moment: the same parts give the same list.
            ["creationInfo"] = new JsonObject { ["created"] = "1970-01-01T00:00:00Z", ["creators"] = new JsonArray { "Tool: mesh-publish" } },
            ["packages"] = packages,
            ["relationships"] = relations,
        };
    }

    private static List<(string Id, string Version, string Hash)> Packages(byte[] lockFile)
    {
        using var document = JsonDocument.Parse(lockFile);
        return
        [
            .. document.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(framework => framework.Value.EnumerateObject())
                .Where(package => package.Value.TryGetProperty("contentHash", out _))
                .Select(package => (package.Name, package.Value.GetProperty("resolved").GetString()!, package.Value.GetProperty("contentHash").GetString()!))
                .Distinct().OrderBy(package => package.Name, StringComparer.OrdinalIgnoreCase).ThenBy(package => package.Item2, StringComparer.Ordinal),
        ];
    }

    private static JsonObject Relation(string from, string kind, string to) =>
        new() { ["spdxElementId"] = from, ["relationshipType"] = kind, ["relatedSpdxElement"] = to };
}
