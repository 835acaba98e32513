using System.Security.Cryptography;

namespace EtcdBackup.Snapshots.Log;

/// <summary>
/// Collects what a watch tells, in memory, and makes segments of it. A response is added as <see cref="BeginBatch"/>, events and leases,
/// and <see cref="EndBatch"/>. A response of which anything is refused is forgotten. For one thread. The watch has to begin one revision
/// before, whose events are not added: from a compacted revision etcd before 3.4.34 and 3.5.16 tells no deletions, and does not say so.
/// </summary>
/// <param name="nextRevision">The main revision that has to come first.</param>
internal sealed class SegmentWriter(long nextRevision)
{
    // A reader holds one batch in memory.
    private const int LargestBatch = 1024 * 1024;

    private readonly ProtoOutput _batches = new();
    private readonly ProtoOutput _batch = new();
    private readonly ProtoOutput _small = new();
    private State _now = State.From(nextRevision);
    private State _whole = State.From(nextRevision);
    private long _timeMs;
    private bool _isOpen;
    private bool _isIdle;

    /// <summary>Bytes so far.</summary>
    public int Size => _batches.Length;

    /// <summary>The first main revision that the next segment covers.</summary>
    public long FirstRevision { get; private set; } = nextRevision;

    /// <summary>The last main revision that is whole.</summary>
    public long LastRevision => _whole.Last;

    /// <summary>Whether there is no whole batch.</summary>
    public bool IsEmpty => _whole.Length == 0;

    /// <summary>Whether the last response was one of several parts, and more of it has to come.</summary>
    public bool IsUnfinished => _now.Length != _whole.Length;

    /// <summary>Begins a batch.</summary>
    /// <param name="timeMs">When the response came, milliseconds since 1970.</param>
    public void BeginBatch(long timeMs)
    {
        Check(!_isOpen);
        (_timeMs, _isOpen, _isIdle) = (timeMs, true, true);
        _batch.Number(1, (ulong)timeMs);
    }

    /// <summary>Adds an event.</summary>
    /// <param name="isDelete">Whether it is a deletion.</param>
    /// <param name="keyValue">Its <c>KeyValue</c>, as etcd sent it.</param>
    /// <exception cref="ChangeLogException">A revision is missing before it, or it is older than the one before.</exception>
    public void Add(bool isDelete, ReadOnlySpan<byte> keyValue)
    {
        Check(_isOpen);
        var main = RevisionOf(keyValue);
        if (main != _now.Last + 1 && (main != _now.Last || main == _whole.Last))
        {
            var why = main <= _now.Last ? "it came already" : "those between are missing";
            var last = _now.Last;
            Drop();
            throw new ChangeLogException($"revision {main} follows {last}: {why}");
        }

        if (_batch.Length > LargestBatch)
        {
            Flush();
            _batch.Number(1, (ulong)_timeMs);
        }

        _batch.Begin(2, (isDelete ? 2 : 0) + ProtoOutput.SizeOf(keyValue.Length));
        _batch.Number(1, isDelete ? 1U : 0U);
        _batch.Message(2, keyValue);
        _isIdle = false;
        _now = _now with { Last = main, Events = _now.Events + 1 };
    }

    /// <summary>Adds what the member said of a lease. Its events may be in an earlier batch.</summary>
    public void AddLease(LeaseTtl lease)
    {
        Check(_isOpen);
        _isIdle = false;
        _small.Truncate(0);
        lease.Write(_small);
        _batch.Message(3, _small.Written);
    }

    /// <summary>Ends the batch.</summary>
    /// <param name="isFragment">Whether the response said that more of it follows: its last revision may not be whole.</param>
    /// <param name="progress">The revision of a progress notification; 0 if it is none.</param>
    /// <exception cref="ChangeLogException">The cluster is said to be at a revision whose events did not come.</exception>
    public void EndBatch(bool isFragment = false, long progress = 0)
    {
        Check(_isOpen);
        if (progress > _now.Last)
        {
            var last = _now.Last;
            Drop();
            throw new ChangeLogException($"the cluster is at revision {progress}, and the last event is of {last}");
        }

        _isOpen = false;
        if (_isIdle && progress == 0)
        {
            // The answer to the watch's beginning: it tells nothing.
            _batch.Truncate(0);
            return;
        }

        _batch.Number(4, (ulong)progress);
        Flush();
        _now = _now.At(_timeMs, _batches.Length);
        _whole = isFragment ? _whole : _now;
    }

    /// <summary>
    /// Forgets an open batch, and a response whose last parts did not come: the watch begins anew after <see cref="LastRevision"/>.
    /// </summary>
    public void Drop()
    {
        _now = _whole;
        _batch.Truncate(0);
        _batches.Truncate(_now.Length);
        _isOpen = false;
    }

    /// <summary>Makes a segment of what there is, and goes on after it.</summary>
    /// <exception cref="InvalidOperationException">There is nothing, or the last revision is not whole.</exception>
    public SealedSegment Finish(SegmentOrigin origin)
    {
        Check(!_isOpen && !IsEmpty && !IsUnfinished);
        var header = new SegmentHeader(
            origin.ClusterId, origin.Incarnation, FirstRevision, LastRevision, _whole.FirstTimeMs, _whole.LastTimeMs, origin.Before,
            origin.Base, _whole.Events, default);
        _small.Truncate(0);
        header.Write(_small);
        var bytes = new byte[ProtoOutput.SizeOf(_small.Length) + _batches.Length];
        var beginning = new ProtoOutput();
        beginning.Message(1, _small.Written);
        beginning.Written.CopyTo(bytes);
        _batches.Written.CopyTo(bytes.AsSpan(beginning.Length));
        FirstRevision = LastRevision + 1;
        _now = _whole = State.From(FirstRevision);
        _batches.Empty();
        return new SealedSegment(header, bytes, SHA256.HashData(bytes));
    }

    private static long RevisionOf(ReadOnlySpan<byte> keyValue)
    {
        try
        {
            return KeyValueFields.Read(keyValue).ModRevision;
        }
        catch (FormatException e)
        {
            throw new ChangeLogException($"an event has no KeyValue: {e.Message}", e);
        }
    }

    private static void Check(bool isAllowed)
    {
        if (!isAllowed)
        {
            throw new InvalidOperationException("the segment is not at this point");
        }
    }

    private void Flush()
    {
        _batches.Message(2, _batch.Written);
        _batch.Truncate(0);
    }

    /// <summary>How far it is: the last revision, the bytes of the batches, the events in them, and their times.</summary>
    private readonly record struct State(long Last, int Length, long Events, long FirstTimeMs, long LastTimeMs)
    {
        public static State From(long next) => new(next - 1, 0, 0, long.MaxValue, long.MinValue);

        public State At(long timeMs, int length) =>
            this with { Length = length, FirstTimeMs = Math.Min(timeMs, FirstTimeMs), LastTimeMs = Math.Max(timeMs, LastTimeMs) };
    }
}
