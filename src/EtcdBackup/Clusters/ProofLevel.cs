namespace EtcdBackup.Clusters;

/// <summary>How far a backup is compared with the live member that gave it. The file itself is always opened and read.</summary>
public enum ProofLevel
{
    /// <summary>Its revision lies between what the member had before and after.</summary>
    Revision,

    /// <summary>Its HashKV is the member's; reads every byte of the file, here and there.</summary>
    HashKV,

    /// <summary>Not at all.</summary>
    Off,
}
