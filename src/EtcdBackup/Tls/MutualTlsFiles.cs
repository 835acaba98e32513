namespace EtcdBackup.Tls;

/// <summary>What <see cref="MutualTls"/> is made of; equal to another of the same names and content.</summary>
/// <param name="Identity">Our certificate and its key.</param>
/// <param name="Authorities">One or more certificates to trust.</param>
public sealed record MutualTlsFiles(IdentityFiles Identity, PemText Authorities)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Identity}, {Authorities}";
}
