using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Runs;
using EtcdBackup.Snapshots;
using EtcdBackup.Snapshots.Files;
using EtcdBackup.Upkeep;

namespace EtcdBackup.Simulation;

/// <summary>
/// What a snapshot's bytes are here: which content it is of, and what makes it differ from another one of the same content.
/// </summary>
internal static class SimSnapshot
{
    private const string Unsound = "unsound";
    private const string Differing = "differs";

    public static byte[] Write(Content content, int era, bool isSound, int salt) =>
        Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{(isSound ? "etcd" : Unsound)} {content.Id} {content.Revision} {era} {salt}"));

    /// <summary>That of a member whose last put is not the cluster's. Nothing in it tells.</summary>
    public static byte[] Differs(byte[] bytes) => [.. bytes, .. Encoding.ASCII.GetBytes($" {Differing}")];

    public static bool IsDiffering(byte[] bytes) => Encoding.ASCII.GetString(bytes).EndsWith(Differing, StringComparison.Ordinal);

    public static (Content? Content, int Era) Read(byte[] bytes)
    {
        var parts = Encoding.ASCII.GetString(bytes).Split(' ');
        return parts[0] == Unsound ? (null, 0)
            : (new Content(int.Parse(parts[1], null), long.Parse(parts[2], null)), int.Parse(parts[3], null));
    }

    public static SnapshotReport Report(long revision, ulong index) => new()
    {
        Revision = revision,
        LastMainRevision = revision,
        LastSubRevision = 0,
        CompactedRevision = 0,
        ScheduledCompactRevision = 0,
        Revisions = 1,
        Tombstones = 0,
        TotalKeys = 1,
        TotalSize = 100,
        UsedSize = 100,
        Buckets = [],
        ConsistentIndex = index,
        Members = [],
        Alarms = [],
        AuthEnabled = false,
        Leases = 0,
    };
}

/// <summary>Brings simulated snapshots.</summary>
internal sealed class SimTransfer(World world, TimeProvider time, Planted planted) : ISnapshotTransfer
{
    private int _salt;

    public async Task<ArrivedSnapshot> BringAsync(
        IEtcdCluster cluster, TransferRequest request, RunProgress progress, CancellationToken cancellationToken)
    {
        var sim = (SimCluster)cluster;
        var member = sim.Etcd.Members.First(m => m.Endpoint == request.Member.Endpoint);
        var before = await sim.ProbeAsync(member, cancellationToken);
        if (!before.Answered || before.IsCorrupt)
        {
            throw new EtcdUnavailableException(MemberChoice.Explain([before]));
        }

        var began = time.GetUtcNow();
        await world.DelayAsync(1, 20);
        var (content, era, index) = (member.Applied, member.Era, member.Index);
        var (isSound, isByteIdentical) = (!member.IsDamaged, sim.Etcd.IsByteIdentical);
        var pending = await request.Catalog.BeginAsync(100, cancellationToken);
        try
        {
            await StreamAsync(member, progress, cancellationToken);
            var (truth, seen) = (sim.Etcd.PutsOf(content.Id).Last, SimEtcd.Seen(member, sim.Etcd.PutsOf(content.Id).Last));
            var bytes = SimSnapshot.Write(content, era, isSound, isByteIdentical ? 0 : ++_salt);
            bytes = Equals(truth, seen) ? bytes : SimSnapshot.Differs(bytes);
            await pending.AppendAsync(bytes, cancellationToken);
            await pending.SealAsync(cancellationToken);
            progress.Stage = RunStage.Proving;
            var report = isSound || planted == Planted.TakesWhatIsNotSound ? SimSnapshot.Report(content.Revision, index) : null;
            var proof = LiveComparison.CompareRevision(before, await sim.ProbeAsync(member, cancellationToken), content.Revision);
            var lastPut = planted == Planted.NotesNoLastPut || report is null ? null : seen;
            return new ArrivedSnapshot(pending, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)), began)
            {
                Report = report,
                Proof = proof,
                Corruption = report is null ? new SnapshotCorruptException("a page is not sound")
                    : proof.Result == ProofResult.Mismatch ? new SnapshotCorruptException(proof.Detail) : null,
                History = await GiverHistory.OfAsync(
                    sim, request.Check, request.Member, before, proof, lastPut, progress, cancellationToken),
            };
        }
        catch
        {
            await pending.DisposeAsync();
            throw;
        }
    }

    private async Task StreamAsync(SimMember member, RunProgress progress, CancellationToken cancellationToken)
    {
        for (var blocks = world.Random.Next(1, 5); blocks > 0; blocks--)
        {
            await world.DelayAsync(5, 3_000);
            cancellationToken.ThrowIfCancellationRequested();
            progress.Bytes += 25;
            if (!member.IsUp || member.IsBreaking)
            {
                await world.DelayAsync(TimeSpan.FromSeconds(world.Random.Next(0, 30)));
                throw new EtcdUnavailableException("the stream broke");
            }
        }
    }
}

/// <summary>Reads simulated backups back.</summary>
internal sealed class SimReader(World world, SimStore store) : IBackupReader
{
    public async Task<ReadBack> ReadAsync(ClusterSpec spec, BackupEntry entry, bool isSlow, CancellationToken cancellationToken)
    {
        await world.DelayAsync(10, isSlow ? 5_000 : 500);
        await using var stream = await store.OpenAsync($"v1/{spec.Key.Namespace}/{spec.Key.Name}/{entry.Name}", cancellationToken);
        var bytes = ((MemoryStream)stream).ToArray();
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var isRotten = entry.Metadata is { Sha256: not "" } m ? m.Sha256 != sha256 : bytes[0] != (byte)'e';
        var report = isRotten ? null : SimSnapshot.Report(SimSnapshot.Read(bytes).Content!.Revision, 0);
        return new ReadBack(isRotten ? "its SHA-256 is another" : null, report,
            BackupMetadata.Rebuild(entry, bytes.Length, isRotten ? "" : sha256, report));
    }
}
