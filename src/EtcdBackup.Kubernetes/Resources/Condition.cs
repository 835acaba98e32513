namespace EtcdBackup.Kubernetes.Resources;

/// <summary>A condition, as Kubernetes' API conventions have it.</summary>
/// <param name="Type">What it is about.</param>
/// <param name="Status">True, False or Unknown.</param>
/// <param name="Reason">In one word.</param>
/// <param name="Message">In one sentence.</param>
/// <param name="LastTransitionTime">Since when the status is what it is, UTC.</param>
/// <param name="ObservedGeneration">The generation of the spec that it is about.</param>
internal sealed record Condition(
    string Type, string Status, string Reason, string Message, DateTimeOffset LastTransitionTime, long ObservedGeneration)
{
    public const string Ready = "Ready";
    public const string BackupSucceeded = "BackupSucceeded";
    public const string Verified = "Verified";
}
