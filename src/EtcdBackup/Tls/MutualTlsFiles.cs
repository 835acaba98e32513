namespace EtcdBackup.Tls;

/// <summary>What <see cref="MutualTls"/> is made of; equal to another of the same names and content.</summary>
/// <param name="Certificate">Our certificate first, then its intermediates, as cert-manager writes <c>tls.crt</c>.</param>
/// <param name="Key">Its key, not encrypted.</param>
/// <param name="Authorities">One or more certificates to trust.</param>
public sealed record MutualTlsFiles(MutualTlsFiles.Pem Certificate, MutualTlsFiles.Pem Key, MutualTlsFiles.Pem Authorities)
{
    /// <summary>The text of a file.</summary>
    /// <param name="Name">Where it comes from, for messages.</param>
    /// <param name="Text">PEM.</param>
    public sealed record Pem(string Name, string Text)
    {
        /// <inheritdoc/>
        public override string ToString() => Name;
    }
}
