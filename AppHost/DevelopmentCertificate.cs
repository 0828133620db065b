using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TalentSphere.AppHost;

/// <summary>
/// What the gateway of a local run shows with <c>--tls</c>: a certificate for this machine that nobody has signed but itself, so that a client can trust it alone
/// (<c>curl --cacert</c>). Kept in <c>tls/</c> of the state directory, for its owner's eyes; made anew when it has less than a week to live.
/// </summary>
/// <param name="Path">The certificate, PEM.</param>
/// <param name="KeyPath">Its private key, PEM (PKCS #8).</param>
public sealed record DevelopmentCertificate(string Path, string KeyPath)
{
    private const UnixFileMode _ownerReads = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // The longest that browsers take (CA/Browser Forum, Baseline Requirements §6.3.2).
    private static readonly TimeSpan _life = TimeSpan.FromDays(397);
    private static readonly TimeSpan _left = TimeSpan.FromDays(7);
    private static readonly Lock _making = new();

    /// <summary>Where the certificate of a state directory is, or would be.</summary>
    public static DevelopmentCertificate In(string stateDirectory) =>
        new(System.IO.Path.Combine(stateDirectory, "tls", "localhost.crt"), System.IO.Path.Combine(stateDirectory, "tls", "localhost.key"));

    /// <summary>The certificate of a state directory; made if it is not there, or soon of no use.</summary>
    public static DevelopmentCertificate Ensure(string stateDirectory, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        var certificate = In(stateDirectory);
        // Replicas start side by side.
        lock (_making)
        {
            if (!certificate.IsGood(time))
            {
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(certificate.Path)!, _ownerReads | UnixFileMode.UserExecute);
                certificate.Make(time);
            }
        }
        return certificate;
    }

    private bool IsGood(TimeProvider time)
    {
        if (!File.Exists(Path) || !File.Exists(KeyPath))
            return false;
        try
        {
            using var known = X509Certificate2.CreateFromPemFile(Path, KeyPath);
            return known.NotAfter.ToUniversalTime() > (time.GetUtcNow() + _left).UtcDateTime;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // Half of it, or somebody else's half.
            return false;
        }
    }

    private void Make(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=TalentSphere on this machine", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        // Whoever trusts it trusts it for this machine and can be shown nothing else under it.
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        var now = time.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddHours(-1), now + _life);
        Write(KeyPath, key.ExportPkcs8PrivateKeyPem());
        Write(Path, made.ExportCertificatePem());
    }

    /// <summary>As a whole, and for its owner's eyes from the first byte on.</summary>
    private static void Write(string path, string text)
    {
        var next = path + ".next";
        File.Delete(next);
        using (var stream = new FileStream(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = _ownerReads }))
            stream.Write(System.Text.Encoding.ASCII.GetBytes(text + "\n"));
        File.Move(next, path, overwrite: true);
    }
}
