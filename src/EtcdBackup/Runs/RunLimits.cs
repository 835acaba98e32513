namespace EtcdBackup.Runs;

/// <summary>How long a run may make no progress. Each call has a limit of its own; this one is for whatever ignores that.</summary>
/// <param name="Silence">The silence limit of a call.</param>
internal sealed record RunLimits(TimeSpan Silence)
{
    /// <summary>How long a stage may make no progress; null if its purpose is to wait.</summary>
    public TimeSpan? Of(string stage) => stage switch
    {
        // A large backup takes long to read, and the store's silence limit ends a call that hangs.
        RunStage.Waiting or RunStage.Verifying => null,
        // Thousands of documents; a large file, and members that hash theirs; a store that puts an object together.
        RunStage.Listing or RunStage.Proving or RunStage.Committing => 30 * Silence,
        _ => 4 * Silence,
    };
}
