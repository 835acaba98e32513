namespace EtcdBackup.Runs;

/// <summary>The stages of a run, in their order.</summary>
internal static class RunStage
{
    /// <summary>Listing the store, if that was not done recently.</summary>
    public const string Listing = "listing";

    /// <summary>Asking the members.</summary>
    public const string Probing = "probing";

    /// <summary>Reading the existing backup, because its object was overwritten.</summary>
    public const string Verifying = "verifying";

    /// <summary>Waiting for a free snapshot slot of the silo.</summary>
    public const string Waiting = "waiting";

    /// <summary>Receiving the snapshot.</summary>
    public const string Streaming = "streaming";

    /// <summary>Reading the file, and comparing it with the member.</summary>
    public const string Proving = "proving";

    /// <summary>Making it durable and giving it its name.</summary>
    public const string Committing = "committing";

    /// <summary>Removing the backups that no rule keeps.</summary>
    public const string Pruning = "pruning";
}
