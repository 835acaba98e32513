using System.Globalization;
using System.Text.Json;
using EtcdBackup.Snapshots.Log;
using Etcdserverpb;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.ChangeLog;

/// <content>How what came gets into the store.</content>
internal sealed partial class LogTail
{
    // What came last is in the store a little earlier than it has to be.
    private const double Part = 0.8;

    private static readonly TimeSpan Unnoticed = TimeSpan.FromSeconds(2);

    private readonly Turn _turn = new();
    private DateTimeOffset? _unsealedSince;
    private DateTimeOffset? _currentAt;
    private DateTimeOffset? _caughtUpAt;
    private long _cluster;
    private long _digestOf;
    private long _stored;
    private (SegmentName Name, SealedSegment Segment, RevisionMark Last)? _unstored;
    private string? _problem;

    /// <summary>Whether the store has what ties the stream to its backup.</summary>
    public bool IsAnchored => _at.Anchor is null;

    /// <summary>What it stored.</summary>
    public LogCounts Counts { get; init; } = new();

    /// <summary>Stores what came so far. While the store is away it waits on this silo's disk: <see cref="State"/> tells.</summary>
    public async Task StoreAsync(CancellationToken cancellationToken)
    {
        await KeepAsync(cancellationToken);
        await TrySendAsync(cancellationToken);
    }

    private async Task SealByTimeAsync(CancellationToken cancellationToken)
    {
        var longest = TimeSpan.FromSeconds(_spec.Backup.Log!.SealInSecond * Part);
        var every = TimeSpan.FromSeconds(Math.Clamp(longest.TotalSeconds / 8, 0.1, 1));
        while (true)
        {
            await Task.Delay(every, _time, cancellationToken);
            if (_unstored is not null || (_unsealedSince is { } since && _time.GetUtcNow() - since >= longest))
            {
                await KeepAsync(cancellationToken);
            }
        }
    }

    private Task KeepAsync(CancellationToken cancellationToken) =>
        _turn.DoAsync(() => SealAsync(cancellationToken), cancellationToken);

    private async Task SealAsync(CancellationToken cancellationToken)
    {
        if (_unstored is null && (_writer.IsEmpty || _writer.IsUnfinished))
        {
            return;
        }

        // Who gives up waiting leaves it to the next one.
        var (name, segment, last) = _unstored ??= Finish();
        var began = _time.GetTimestamp();
        await AnchorAsync(cancellationToken);
        Counts.AddSegment(await UntilKeptAsync(name, segment.Bytes, cancellationToken), segment.Header.Events);

        // While it waited nothing was read: when that happened, nobody knows.
        if (_time.GetElapsedTime(began) > Unnoticed)
        {
            _behindUntil = long.MaxValue;
            _lookSoon.Tell();
        }

        _at = _at with { Chain = segment.Sha256, Last = last };
        (_problem, _unstored) = (null, null);
    }

    private async Task AnchorAsync(CancellationToken cancellationToken)
    {
        if (_at.Anchor is { } anchor)
        {
            var content = JsonSerializer.SerializeToUtf8Bytes(new { Backup = _at.Base }, JsonSerializerOptions.Web);
            await UntilAnchoredAsync(anchor, content, cancellationToken);
            _at = _at with { Anchor = null };
        }
    }

    private (SegmentName Name, SealedSegment Segment, RevisionMark Last) Finish()
    {
        var segment = _writer.Finish(new SegmentOrigin(
            _at.ClusterId, _at.Incarnation.ToString(CultureInfo.InvariantCulture), _at.Base, _at.Chain));
        _unsealedSince = null;
        var header = segment.Header;
        var name = new SegmentName(
            header.FirstRevision, header.LastRevision, DateTimeOffset.FromUnixTimeMilliseconds(header.FirstTimeMs),
            DateTimeOffset.FromUnixTimeMilliseconds(header.LastTimeMs), _at.Stream, ChainText(_at.Chain), ChainText(segment.Sha256),
            segment.Bytes.Length, _caughtUpAt ?? DateTimeOffset.UnixEpoch, _seen.RaftTerm, _seen.RaftIndex,
            LogStore.EncodingOf(_spec.Backup));
        _caughtUpAt = null;
        return (name, segment, _last);
    }

    /// <summary>A chain value as names have it.</summary>
    internal static string ChainText(ReadOnlySpan<byte> chain) => chain.IsEmpty ? new string('0', SegmentName.ChainDigits)
        : Convert.ToHexStringLower(chain[..(SegmentName.ChainDigits / 2)]);

    private void TellProblem(string problem)
    {
        if (_problem != problem)
        {
            _problem = problem;
            LogProblem(_spec.Key, problem);
        }
    }

    private void ClearProblem(WatchResponse answer)
    {
        if (_problem is not null && !answer.Created)
        {
            _problem = null;
            LogWell(_spec.Key, _last.Revision);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: its change log waits: {Why}. It is tried again")]
    private partial void LogProblem(Clusters.ClusterKey cluster, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cluster}: its change log goes on, from revision {Revision}")]
    private partial void LogWell(Clusters.ClusterKey cluster, long revision);
}
