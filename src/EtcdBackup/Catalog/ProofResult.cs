namespace EtcdBackup.Catalog;

/// <summary>The result of a comparison.</summary>
public enum ProofResult
{
    /// <summary>Equal.</summary>
    Matched,

    /// <summary>The member could not answer any more: compacted meanwhile, or gone. This says nothing against the file.</summary>
    NotComparable,

    /// <summary>Not equal: the member's data, or the file, is wrong.</summary>
    Mismatch,
}
