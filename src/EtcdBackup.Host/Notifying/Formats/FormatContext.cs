namespace EtcdBackup.Host.Notifying.Formats;

/// <summary>What a message needs beside the notification.</summary>
/// <param name="Installation">Names the sender.</param>
/// <param name="Secret">The target's secret; empty: it has none.</param>
/// <param name="Dropped">How many notifications it never got.</param>
internal readonly record struct FormatContext(string Installation, string Secret, int Dropped)
{
    /// <summary>The sender as a URN.</summary>
    public string Source => $"urn:etcdbackup:{Uri.EscapeDataString(Installation)}";

    // The secret must not get into a message by accident.
    /// <inheritdoc/>
    public override string ToString() => Source;
}
