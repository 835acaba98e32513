using System.Diagnostics.Metrics;

namespace EtcdBackup.Upkeep;

/// <summary>How many stored backups were read back, and what was found.</summary>
internal static class VerificationMeter
{
    private static readonly Meter Meter = new("etcdbackup");

    private static readonly Counter<long> Read = Meter.CreateCounter<long>(
        "etcdbackup.verifications", "{verification}", "Stored backups that were read back, by who asked and what was found.");

    /// <summary>Counts one.</summary>
    /// <param name="isScrub">Whether the schedule asked for it, and no person.</param>
    /// <param name="isSound">What was found.</param>
    public static void Count(bool isScrub, bool isSound) =>
        Read.Add(1, new("by", isScrub ? "scrub" : "request"), new("result", isSound ? "sound" : "damaged"));
}
