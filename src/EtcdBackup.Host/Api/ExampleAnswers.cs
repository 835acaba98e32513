using EtcdBackup.Catalog;
using EtcdBackup.Grains;

namespace EtcdBackup.Host.Api;

/// <summary>An example of each answer in JSON. They are objects of the service, so that they cannot differ from what it sends.</summary>
internal static class ExampleAnswers
{
    private const string Name = "3.5.30_000000000000000f_etcd.backup";
    private const string Silo = "S127.0.0.1:11111:1";

    private static readonly DateTimeOffset Taken = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Due = Taken.AddMinutes(30);
    private static readonly BackupStatus Backup = new(BackupStatus.Rfc3339(Taken), 0.023, 15, "3.5.30", 1, Name);
    private static readonly RunOutcome Run = new(Taken, 0.4, RunResult.Succeeded, null, BackupName.Parse(Name));

    /// <summary>The examples, by the type of the answer.</summary>
    public static IReadOnlyDictionary<Type, object> ByType { get; } = new Dictionary<Type, object>
    {
        [typeof(BackupStatus)] = Backup,
        [typeof(ServiceStatus)] = new ServiceStatus(
            Backup, 1, 0.023, "default", "example", Due, Taken, 0, null, [Run], Silo, null, null, null, Taken,
            [new MemberLine("10.0.0.1:2379", "leader", "3.5.30", 15, 0.023, null, ["NOSPACE"], null)],
            ["10.0.0.1:2379 has the alarm NOSPACE: etcd refuses all writes. Compact and defragment it, then 'etcdctl alarm disarm'"]),
        [typeof(IReadOnlyList<ClusterLine>)] = new[]
        {
            new ClusterLine("default", "example", Due, Taken, 0, Run, null, Silo, null, null, null)
        },
        [typeof(IReadOnlyList<RetentionLine>)] = new[] { new RetentionLine(Name, true, "it is the latest") },
        [typeof(Recoverable)] = new Recoverable(
            [new RecoverableWindow(new RecoverablePoint(15, Taken), new RecoverablePoint(42, Due),
                1, "cdf818194e3a8c32")], new LogLine(42, 42, 0, Due, null)),
        [typeof(BackupPage)] = new BackupPage(
            [new BackupLine(Name, BackupStatus.Rfc3339(Taken), 0.023, 0.023, 15, "3.5.30", true, null)], 1, null),
        [typeof(VerificationReport)] = new VerificationReport(BackupName.Parse(Name), new Verification(Taken, true, null), null),
    };
}
