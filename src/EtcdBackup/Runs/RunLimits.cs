namespace EtcdBackup.Runs;

/// <summary>How long a run may stand still. Each call of it has a limit of its own; this one is for whatever ignores that.</summary>
/// <param name="Silence">The limit of a call.</param>
internal sealed record RunLimits(TimeSpan Silence)
{
    /// <summary>How long a stage may show no progress; null where waiting is its purpose.</summary>
    public TimeSpan? Of(string stage) => stage switch
    {
        // A large backup takes long to read, and the store's own limit ends what is silent.
        RunStage.Waiting or RunStage.Verifying => null,
        // Thousands of documents; a large file, and members that hash theirs; a store that puts an object together.
        RunStage.Listing or RunStage.Proving or RunStage.Committing => 30 * Silence,
        _ => 4 * Silence,
    };
}
