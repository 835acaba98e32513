using System.Threading.Channels;
using EtcdBackup.Etcd;
using EtcdBackup.Snapshots;
using EtcdBackup.Stores;

namespace EtcdBackup.Runs;

/// <summary>A snapshot that has arrived whole, as its SHA-256 proves, and is not committed yet.</summary>
internal sealed record DownloadedSnapshot(IPendingObject Pending, long Size, string Sha256) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Pending.DisposeAsync();
}

/// <summary>Brings a snapshot from a member into a store. Receiving, and hashing with writing, go side by side.</summary>
internal sealed class SnapshotDownload(IBackupStore store, string folder, RunProgress progress)
{
    private const int BlocksInFlight = 6;

    public async Task<DownloadedSnapshot> RunAsync(EtcdMember member, long databaseSize, CancellationToken cancellationToken)
    {
        progress.Bytes = 0;
        progress.ExpectedBytes = databaseSize;
        progress.Stage = RunStage.Streaming;
        var pending = await store.BeginAsync(folder, databaseSize + SnapshotDigest.TrailerSize, cancellationToken);
        try
        {
            var (size, sha256) = await ReceiveAsync(member, pending, cancellationToken);
            pending.Seal();
            return new DownloadedSnapshot(pending, size, sha256);
        }
        catch
        {
            await pending.DisposeAsync();
            throw;
        }
    }

    private async Task<(long Size, string Sha256)> ReceiveAsync(EtcdMember member, IPendingObject pending, CancellationToken cancellationToken)
    {
        var blocks = Channel.CreateBounded<SnapshotBlock>(new BoundedChannelOptions(BlocksInFlight) { SingleReader = true, SingleWriter = true });
        var receiver = new SnapshotReceiver(blocks.Writer);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var digest = new SnapshotDigest();

        var writing = WriteAsync(blocks.Reader, pending, digest, stop);
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

            // When the store failed, that stopped the stream: the store's error is the one to tell.
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

    private async Task WriteAsync(ChannelReader<SnapshotBlock> blocks, IPendingObject pending, SnapshotDigest digest, CancellationTokenSource stop)
    {
        await Task.Yield();
        try
        {
            await foreach (var block in blocks.ReadAllAsync(stop.Token))
            {
                try
                {
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
