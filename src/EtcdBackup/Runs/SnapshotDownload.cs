using System.Threading.Channels;
using EtcdBackup.Catalog;
using EtcdBackup.Encodings;
using EtcdBackup.Etcd;
using EtcdBackup.Snapshots.Files;

namespace EtcdBackup.Runs;

/// <summary>Receives a snapshot into a store. Receiving runs in parallel with hashing and writing.</summary>
internal sealed class SnapshotDownload(BackupCatalog catalog, EtcdTimeouts timeouts, RunProgress progress)
{
    private const int BlocksInFlight = 6;

    /// <summary>Receives the snapshot.</summary>
    /// <param name="member">The member that gives it.</param>
    /// <param name="before">The member's status just before.</param>
    /// <param name="tag">The tag of the backup's lineage, for its name.</param>
    /// <param name="began">The time, UTC.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ArrivedSnapshot> RunAsync(
        EtcdMember member, MemberStatus before, string tag, DateTimeOffset began, CancellationToken cancellationToken)
    {
        progress.Bytes = 0;
        progress.ExpectedBytes = before.DbSize;
        progress.Stage = RunStage.Streaming;
        var pending = await catalog.BeginAsync(before.DbSize + SnapshotDigest.TrailerSize, cancellationToken);
        try
        {
            var (size, sha256) = await ReceiveAsync(member, before, pending, tag, cancellationToken);
            await pending.SealAsync(cancellationToken);
            return new ArrivedSnapshot(pending, size, sha256, began);
        }
        catch
        {
            await pending.DisposeAsync();
            throw;
        }
    }

    private async Task<(long Size, string Sha256)> ReceiveAsync(
        EtcdMember member, MemberStatus before, PendingBackup pending, string tag, CancellationToken cancellationToken)
    {
        var blocks = Channel.CreateBounded<SnapshotBlock>(
            new BoundedChannelOptions(BlocksInFlight) { SingleReader = true, SingleWriter = true });
        var receiver = new SnapshotReceiver(blocks.Writer);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var digest = new SnapshotDigest();
        var writing = WriteAsync(blocks.Reader, pending, digest, () => ExpectAsync(member, before, pending, tag, stop.Token), stop);
        try
        {
            await member.SnapshotAsync(receiver, stop.Token);
            await receiver.FinishAsync(stop.Token);
            blocks.Writer.Complete();
        }
        catch (Exception e)
        {
            receiver.Discard();
            blocks.Writer.Complete();
            await stop.CancelAsync();

            // If the store failed, that stopped the stream: the store's error is the cause to report.
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                await writing;
            }

            throw;
        }

        await writing;
        return (digest.Length, digest.Finish());
    }

    // The first bytes come after the member has fixed what the snapshot holds. If its revision was the same before and after that,
    // the name is known by now, and a store that cannot rename may send the bytes to their final key at once.
    private async Task ExpectAsync(
        EtcdMember member, MemberStatus before, PendingBackup pending, string tag, CancellationToken cancellationToken)
    {
        var after = await member.ProbeAsync(timeouts.Probe, cancellationToken);
        if (before.Answered && after.Answered && after.Revision == before.Revision && after.MemberId == before.MemberId)
        {
            pending.Expect(new BackupName(after.Version, after.Revision, tag, pending.Encoding).ToString());
        }
    }

    private async Task WriteAsync(
        ChannelReader<SnapshotBlock> blocks, PendingBackup pending, SnapshotDigest digest, Func<Task> begun, CancellationTokenSource stop)
    {
        await Task.Yield();
        try
        {
            await foreach (var block in blocks.ReadAllAsync(stop.Token))
            {
                try
                {
                    if (digest.Length == 0)
                    {
                        await begun();
                    }

                    digest.Append(block.Bytes.Span);
                    await pending.AppendAsync(block.Bytes, stop.Token);
                    progress.Bytes = digest.Length;
                }
                finally
                {
                    block.Return();
                }
            }
        }
        finally
        {
            while (blocks.TryRead(out var left))
            {
                left.Return();
            }

            await stop.CancelAsync();
        }
    }
}
