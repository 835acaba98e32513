namespace EtcdBackup.ChangeLog;

/// <summary>What an anchor says.</summary>
internal enum AnchorKind
{
    /// <summary>The backup is what the stream gives at its revision.</summary>
    Base,

    /// <summary>It is not.</summary>
    Differs,

    /// <summary>The stream ends: what it has beyond this revision counts for nothing.</summary>
    End,
}
