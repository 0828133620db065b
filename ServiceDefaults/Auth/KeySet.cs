using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace TalentSphere.ServiceDefaults.Auth;

/// <summary>
/// Reads only the key set: issuer and audience are configured, and the address is the mesh's own, so that a service does not go
/// through the gateway, or trust a document, to learn where its keys are.
/// </summary>
internal sealed class KeySetRetriever : IConfigurationRetriever<OpenIdConnectConfiguration>
{
    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(string address, IDocumentRetriever retriever, CancellationToken cancel)
    {
        var configuration = new OpenIdConnectConfiguration { JsonWebKeySet = JsonWebKeySet.Create(await retriever.GetDocumentAsync(address, cancel)) };
        foreach (var key in configuration.JsonWebKeySet.GetSigningKeys())
            configuration.SigningKeys.Add(key);
        return configuration;
    }
}
