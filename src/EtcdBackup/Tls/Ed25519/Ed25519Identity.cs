using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.OpenSsl;

namespace EtcdBackup.Tls.Ed25519;

/// <summary>A client's certificate with an Ed25519 key, which .NET cannot sign with.</summary>
internal sealed record Ed25519Identity(IReadOnlyList<byte[]> Certificates, Ed25519PrivateKeyParameters Key)
{
    private const string Algorithm = "1.3.101.112";

    /// <summary>Whether a certificate has such a key.</summary>
    public static bool Is(X509Certificate2 certificate) => certificate.PublicKey.Oid.Value == Algorithm;

    /// <summary>Reads PEM.</summary>
    /// <returns>Null if the certificate has another kind of key.</returns>
    /// <exception cref="TlsFaultException">It cannot be used.</exception>
    public static Ed25519Identity? TryParse(IdentityFiles files)
    {
        var certificates = TlsIdentity.Read(files);
        if (!Is(certificates[0]))
        {
            return null;
        }

        using var reader = new PemReader(new StringReader(files.Key.Text));
        return TlsIdentity.Use($"{files.Key}", reader.ReadObject) is Ed25519PrivateKeyParameters key &&
            key.GeneratePublicKey().GetEncoded().AsSpan().SequenceEqual(certificates[0].PublicKey.EncodedKeyValue.RawData)
            ? new Ed25519Identity([.. certificates.Select(c => c.RawData)], key)
            : throw new TlsFaultException($"{files.Certificate} with {files.Key} cannot be used: the key is not the certificate's");
    }
}
