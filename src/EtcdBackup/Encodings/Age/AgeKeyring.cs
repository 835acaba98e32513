namespace EtcdBackup.Encodings.Age;

/// <summary>The keys of this service: new backups are encrypted to the first and to the recipients, all identities can open.</summary>
/// <param name="Identities">At least one.</param>
/// <param name="Recipients">All that new backups are encrypted to.</param>
internal sealed record AgeKeyring(IReadOnlyList<AgeIdentity> Identities, IReadOnlyList<AgeRecipient> Recipients)
{
    /// <summary>Reads the files; a few lines each, so for each backup anew.</summary>
    /// <param name="keyFile">Identities, one a line, the newest first; <c>#</c> begins a comment.</param>
    /// <param name="recipientsFile">More recipients, as of a key kept in a safe; empty: none.</param>
    /// <exception cref="BackupKeyException">They cannot be used.</exception>
    public static AgeKeyring Read(string keyFile, string recipientsFile)
    {
        if (keyFile == "")
        {
            throw new BackupKeyException("encryption needs a key: set Backups:AgeKeyFile to a file made by age-keygen");
        }

        AgeIdentity[] identities = [.. Lines(keyFile).Select(AgeIdentity.Parse)];
        return identities.Length > 0
            ? new AgeKeyring(identities,
                [identities[0].Recipient, .. recipientsFile == "" ? [] : Lines(recipientsFile).Select(l => new AgeRecipient(l))])
            : throw new BackupKeyException($"the age key file '{keyFile}' holds no key");
    }

    private static string[] Lines(string file)
    {
        try
        {
            return [.. File.ReadLines(file).Select(l => l.Trim()).Where(l => l != "" && !l.StartsWith('#'))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BackupKeyException($"the age key file '{file}' cannot be read: {e.Message}", e);
        }
    }
}
