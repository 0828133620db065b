using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace TalentSphere.Cli.Mesh;

/// <summary>Connections to the gateway of the running mesh. One started with <c>--tls</c> shows a certificate of its own, which is trusted here beside those that the machine trusts.</summary>
internal static class GatewayHttp
{
    /// <summary>Where such a mesh keeps its certificate; PEM, for <c>curl --cacert</c>.</summary>
    public static string CertificatePath => Path.Combine(MeshPaths.State, "tls", "localhost.crt");

    /// <summary>A client of the gateway.</summary>
    /// <exception cref="MeshException">It has no address yet.</exception>
    public static HttpClient Open(MeshStatus status) =>
        new(Handler()) { BaseAddress = new Uri(status.Mesh.GatewayUrl ?? throw new MeshException("the gateway has no address yet")) };

    /// <summary>For clients with needs of their own.</summary>
    public static SocketsHttpHandler Handler()
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, faults) => faults == SslPolicyErrors.None || (faults == SslPolicyErrors.RemoteCertificateChainErrors && IsOurs(shown));
        return handler;
    }

    /// <summary>To the byte: that its chain ends nowhere is all that may be wrong with it.</summary>
    private static bool IsOurs(X509Certificate? shown)
    {
        if (shown is null || !File.Exists(CertificatePath))
            return false;
        using var ours = X509CertificateLoader.LoadCertificateFromFile(CertificatePath);
        return shown.GetRawCertData().AsSpan().SequenceEqual(ours.RawData);
    }
}
