namespace EtcdBackup.Tls;

/// <summary>The text of a file.</summary>
/// <param name="Name">Where it comes from, for messages.</param>
/// <param name="Text">PEM.</param>
public sealed record PemText(string Name, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
