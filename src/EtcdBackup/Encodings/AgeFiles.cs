namespace EtcdBackup.Encodings;

/// <summary>The files of the service's age keys. The files are read for each backup, so a rotated key needs no restart.</summary>
/// <param name="KeyFile">Private keys, one a line, the newest first: new backups are encrypted to that, and all can open. Empty: no
/// encryption.</param>
/// <param name="RecipientsFile">Public keys that new backups are encrypted to besides. Empty: none.</param>
public sealed record AgeFiles(string KeyFile, string RecipientsFile)
{
    /// <summary>Makes sure that the keys can be used.</summary>
    /// <exception cref="BackupKeyException">They cannot.</exception>
    public void Check() => Read();

    internal Age.AgeKeyring Read() => Age.AgeKeyring.Read(KeyFile, RecipientsFile);
}
