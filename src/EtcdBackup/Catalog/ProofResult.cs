namespace EtcdBackup.Catalog;

/// <summary>How a comparison came out.</summary>
public enum ProofResult
{
    /// <summary>Equal.</summary>
    Matched,

    /// <summary>The member could not be asked any more: compacted meanwhile, or gone. Says nothing against the file.</summary>
    NotComparable,

    /// <summary>Not equal: the member's data, or the file, is wrong.</summary>
    Mismatch,
}
