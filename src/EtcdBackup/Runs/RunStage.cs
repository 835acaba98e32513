namespace EtcdBackup.Runs;

/// <summary>The stages of a run, in their order.</summary>
internal static class RunStage
{
    /// <summary>Listing the store, where that was not done of late.</summary>
    public const string Listing = "listing";

    /// <summary>Asking the members.</summary>
    public const string Probing = "probing";

    /// <summary>Reading the backup that stands, because somebody wrote over it since.</summary>
    public const string Verifying = "verifying";

    /// <summary>Waiting for a free snapshot slot of the silo.</summary>
    public const string Waiting = "waiting";

    /// <summary>Receiving the snapshot.</summary>
    public const string Streaming = "streaming";

    /// <summary>Reading the file, and comparing it with the member.</summary>
    public const string Proving = "proving";

    /// <summary>Making it durable and giving it its name.</summary>
    public const string Committing = "committing";
}
