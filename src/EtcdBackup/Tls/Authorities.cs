using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EtcdBackup.Tls;

/// <summary>
/// The certificates that one side of a connection trusts, judged as etcd's own clients judge them (Go crypto/x509): every certificate of
/// the file is trusted by itself, be it a root, an intermediate, or the other side's own. Nobody is asked for revocations: private
/// authorities publish none.
/// </summary>
public sealed class Authorities
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2Collection? _trusted;
    private readonly string _name;

    private Authorities(X509Certificate2Collection? trusted, string name) => (_trusted, _name) = (trusted, name);

    /// <summary>Those of the machine.</summary>
    public static Authorities OfMachine { get; } = new(null, "the machine's own certificates");

    /// <summary>Reads PEM.</summary>
    /// <param name="pem">One or more certificates.</param>
    /// <param name="name">Where it comes from, for messages.</param>
    /// <exception cref="TlsFaultException">It holds none.</exception>
    public static Authorities Parse(string pem, string name)
    {
        try
        {
            X509Certificate2Collection trusted = [];
            trusted.ImportFromPem(pem);
            return trusted.Count > 0 ? new Authorities(trusted, name)
                : throw new TlsFaultException($"{name} cannot be used: it holds no certificate; it must be PEM");
        }
        catch (CryptographicException e)
        {
            throw new TlsFaultException($"{name} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Judges a server's certificate.</summary>
    /// <param name="leaf">The certificate.</param>
    /// <param name="sent">The chain that came with it.</param>
    /// <param name="host">The name or address that it must be for.</param>
    /// <param name="now">The time, UTC.</param>
    /// <returns>What is wrong, as the end of a sentence about the certificate; null if it is trusted.</returns>
    public string? FaultOf(X509Certificate2 leaf, X509Certificate2Collection sent, string host, DateTimeOffset now)
    {
        if (FaultOfTimes(leaf, now) is { } old)
        {
            return old;
        }

        return leaf.MatchesHostname(host, allowWildcards: true, allowCommonName: false) ? FaultOfChain(leaf, sent, ServerUsage, now)
            : $"is for {NamesOf(leaf)}, and not for '{host}'";
    }

    /// <summary>Judges a client's certificate, whomever it is for.</summary>
    /// <param name="leaf">The certificate.</param>
    /// <param name="sent">The chain that came with it.</param>
    /// <param name="now">The time, UTC.</param>
    /// <returns>What is wrong, as the end of a sentence about the certificate; null if it is trusted.</returns>
    public string? FaultOfClient(X509Certificate2 leaf, X509Certificate2Collection sent, DateTimeOffset now) =>
        FaultOfTimes(leaf, now) ?? FaultOfChain(leaf, sent, ClientUsage, now);

    /// <summary>Judges a server's certificate, whomever it is for.</summary>
    /// <param name="leaf">The certificate.</param>
    /// <param name="sent">The chain that came with it.</param>
    /// <param name="now">The time, UTC.</param>
    /// <returns>What is wrong, as the end of a sentence about the certificate; null if it is trusted.</returns>
    public string? FaultOfServer(X509Certificate2 leaf, X509Certificate2Collection sent, DateTimeOffset now) =>
        FaultOfTimes(leaf, now) ?? FaultOfChain(leaf, sent, ServerUsage, now);

    private string? FaultOfChain(X509Certificate2 leaf, X509Certificate2Collection sent, string usage, DateTimeOffset now)
    {
        if (_trusted is null)
        {
            return FaultOf(leaf, PolicyOf(sent, [], usage, now), now);
        }

        // Two authorities of one name, while one replaces the other: the builder tries only one of them.
        var fault = FaultOf(leaf, PolicyOf(sent, _trusted, usage, now), now);
        return fault is null || _trusted.Any(t => FaultOf(leaf, PolicyOf(sent, [t], usage, now), now) is null) ? null : fault;
    }

    private string? FaultOf(X509Certificate2 leaf, X509ChainPolicy policy, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy = policy;
        chain.Build(leaf);
        try
        {
            foreach (var element in chain.ChainElements)
            {
                var fault = element.ChainElementStatus.Select(s => s.Status).FirstOrDefault(s => !IsOfAnchor(s));
                if (fault != X509ChainStatusFlags.NoError)
                {
                    return Explain(fault, element.Certificate, leaf, policy, now);
                }

                if (policy.CustomTrustStore.Any(t => IsSame(t, element.Certificate)))
                {
                    return null;
                }
            }

            return _trusted is null && !chain.ChainStatus.Any(s => IsOfAnchor(s.Status)) ? null
                : $"was issued by '{chain.ChainElements[^1].Certificate.Issuer}', which is not in {_name}";
        }
        finally
        {
            foreach (var element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }

    // Byte by byte: for .NET's Equals it is enough to have the same issuer and number, which anybody can forge.
    private static bool IsSame(X509Certificate2 one, X509Certificate2 other) =>
        one.RawDataMemory.Span.SequenceEqual(other.RawDataMemory.Span);

    private static bool IsOfAnchor(X509ChainStatusFlags status) =>
        status is X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain;

    private X509ChainPolicy PolicyOf(
        X509Certificate2Collection sent, X509Certificate2Collection trusted, string usage, DateTimeOffset now)
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            VerificationTime = now.UtcDateTime,
            VerificationTimeIgnored = false,
            TrustMode = _trusted is null ? X509ChainTrustMode.System : X509ChainTrustMode.CustomRootTrust,
            DisableCertificateDownloads = true,
        };
        policy.ApplicationPolicy.Add(new Oid(usage));
        policy.ExtraStore.AddRange(sent);
        policy.ExtraStore.AddRange(trusted);
        policy.CustomTrustStore.AddRange(trusted);
        return policy;
    }

    private static string Explain(
        X509ChainStatusFlags status, X509Certificate2 at, X509Certificate2 leaf, X509ChainPolicy policy, DateTimeOffset now)
    {
        var side = policy.ApplicationPolicy[0].Value == ClientUsage ? "client" : "server";
        var whose = IsSame(at, leaf) ? "" : $"has an issuer '{at.Subject}' that ";
        return status switch
        {
            X509ChainStatusFlags.NotTimeValid => whose + (FaultOfTimes(at, now) ?? "is not valid now"),
            X509ChainStatusFlags.NotValidForUsage => $"{whose}may not be used by a {side}: its extended key usage does not allow it",
            X509ChainStatusFlags.NotSignatureValid => whose + "has a signature that is not its issuer's",
            _ => $"{whose}is not valid: {status}",
        };
    }

    internal static string? FaultOfTimes(X509Certificate2 certificate, DateTimeOffset now) => now switch
    {
        _ when now > certificate.NotAfter => $"expired at {Text(certificate.NotAfter)}: renew it",
        _ when now < certificate.NotBefore => $"is not valid before {Text(certificate.NotBefore)}: compare the clocks",
        _ => null,
    };

    private static string Text(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string NamesOf(X509Certificate2 leaf)
    {
        var names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(e => e.EnumerateDnsNames().Concat(e.EnumerateIPAddresses().Select(a => a.ToString()))).ToArray();
        return names.Length == 0 ? "no name at all (it has no subject alternative names)" : string.Join(", ", names.Select(n => $"'{n}'"));
    }
}
