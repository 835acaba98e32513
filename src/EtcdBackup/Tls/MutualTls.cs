using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace EtcdBackup.Tls;

/// <summary>
/// TLS between equals: each side shows its certificate, and demands one of the other side that chains to the same authorities, is in its
/// time and allows the usage. For which name it is does not matter: whatever these authorities issue is an equal.
/// </summary>
public sealed class MutualTls
{
    private readonly MutualTlsFiles _files;
    private readonly Authorities _authorities;
    private readonly SslStreamCertificateContext _identity;
    private readonly TimeProvider _time;

    private MutualTls(MutualTlsFiles files, TimeProvider time)
    {
        (_files, _time) = (files, time);
        _authorities = Authorities.Parse(files.Authorities.Text, files.Authorities.Name);
        _identity = TlsIdentity.Parse(files.Identity);
    }

    /// <summary>Reads PEM.</summary>
    /// <exception cref="TlsFaultException">It cannot be used, or an equal with the same files would refuse it.</exception>
    public static MutualTls Parse(MutualTlsFiles files, TimeProvider time)
    {
        var tls = new MutualTls(files, time);
        return tls.OwnFault() is { } fault ? throw new TlsFaultException(fault) : tls;
    }

    /// <summary>Why an equal with the same files would refuse us, as a sentence; null if it would not.</summary>
    public string? OwnFault()
    {
        var (ours, now) = (_identity.TargetCertificate, _time.GetUtcNow());
        X509Certificate2Collection sent = [.. _identity.IntermediateCertificates];
        return (_authorities.FaultOfServer(ours, sent, now) ?? _authorities.FaultOfClient(ours, sent, now)) is { } fault
            ? $"{_files.Identity.Certificate} cannot be used: it {fault}" : null;
    }

    /// <summary>For a connection that was accepted.</summary>
    /// <param name="options">Of that connection.</param>
    /// <param name="refused">Gets what is wrong with the other side, as the end of a sentence about it.</param>
    public void ApplyTo(SslServerAuthenticationOptions options, Action<string> refused)
    {
        options.ServerCertificateSelectionCallback = null;
        options.ServerCertificate = null;
        options.ServerCertificateContext = _identity;
        options.ClientCertificateRequired = true;
        options.CertificateChainPolicy = OnlyWhatWasSent();
        options.RemoteCertificateValidationCallback = (_, leaf, chain, _) => IsEqual(leaf, chain, _authorities.FaultOfClient, refused);
        options.AllowTlsResume = false;
        options.AllowRenegotiation = false;
    }

    /// <summary>For a connection that is made.</summary>
    /// <param name="options">Of that connection.</param>
    /// <param name="refused">Gets what is wrong with the other side, as the end of a sentence about it.</param>
    public void ApplyTo(SslClientAuthenticationOptions options, Action<string> refused)
    {
        options.LocalCertificateSelectionCallback = null;
        options.ClientCertificates = null;
        options.ClientCertificateContext = _identity;
        options.CertificateChainPolicy = OnlyWhatWasSent();
        options.RemoteCertificateValidationCallback = (_, leaf, chain, _) => IsEqual(leaf, chain, _authorities.FaultOfServer, refused);
        options.AllowTlsResume = false;
        options.AllowRenegotiation = false;
    }

    // SslStream builds a chain of its own first, and would get missing issuers from wherever the other side's certificate says.
    private static X509ChainPolicy OnlyWhatWasSent() =>
        new() { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };

    private bool IsEqual(
        X509Certificate? certificate, X509Chain? chain, Func<X509Certificate2, X509Certificate2Collection, DateTimeOffset, string?> faultOf,
        Action<string> refused)
    {
        var fault = certificate is not X509Certificate2 leaf ? "shows no certificate"
            : faultOf(leaf, chain?.ChainPolicy.ExtraStore ?? [], _time.GetUtcNow()) is { } found ? $"has a certificate that {found}" : null;
        if (fault is not null)
        {
            refused(fault);
        }

        return fault is null;
    }
}
