namespace EtcdBackup.Tls;

/// <summary>What a <see cref="TlsIdentity"/> is made of; equal to another of the same names and content.</summary>
/// <param name="Certificate">The certificate first, then its intermediates, as cert-manager writes <c>tls.crt</c>.</param>
/// <param name="Key">Its key, not encrypted.</param>
public sealed record IdentityFiles(PemText Certificate, PemText Key)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Certificate} with its key";
}
