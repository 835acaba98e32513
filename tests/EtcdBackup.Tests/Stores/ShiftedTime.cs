namespace EtcdBackup.Tests.Stores;

/// <summary>The real time, moved: servers have their own clock.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    public TimeSpan Offset { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
}
