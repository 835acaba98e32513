namespace EtcdBackup.Clusters;

/// <summary>How far a backup is compared with the live member that gave it. The file itself is always opened and read.</summary>
public enum ProofLevel
{
    /// <summary>Its revision lies between what the member had before and after.</summary>
    Revision,

    /// <summary>Its HashKV equals that of the members; this reads every byte, in the file and in the member.</summary>
    HashKV,

    /// <summary>It is not compared.</summary>
    Off,
}
