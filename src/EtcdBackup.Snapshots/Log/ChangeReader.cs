using System.Security.Cryptography;

namespace EtcdBackup.Snapshots.Log;

/// <summary>
/// Reads segments that follow each other, in bounded memory: batch by batch, and each batch event by event. What was read is a history
/// without a hole: every main revision is there and whole, and every segment follows from the one before. For one thread.
/// </summary>
/// <param name="stream">The segments, uncompressed.</param>
internal sealed class ChangeReader(Stream stream) : IDisposable
{
    /// <summary>The field that begins a segment.</summary>
    public const ulong HeaderTag = (1 << 3) | 2;

    private const ulong BatchTag = (2 << 3) | 2;
    private const ulong EventTag = (2 << 3) | 2;
    private const ulong TypeTag = 1 << 3;
    private const ulong KeyValueTag = (2 << 3) | 2;

    private readonly FieldStream _fields = new(stream);
    private readonly SegmentChain _chain = new();
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<LeaseTtl> _leases = [];
    private KeyValueFields _event;
    private int _batchAt = -1;
    private int _keyValueAt;
    private int _keyValueSize;
    private long _events;
    private bool _isEnded;

    /// <summary>The segment's header; null before the first, and if there is none.</summary>
    public SegmentHeader? Header { get; private set; }

    /// <summary>What one segment would say that has all of the segments that were read to their end; null if none was.</summary>
    public SegmentHeader? Whole => _chain.Whole;

    /// <summary>When the batch came, milliseconds since 1970.</summary>
    public long TimeMs { get; private set; }

    /// <summary>The revision that the cluster was at when the batch came; 0 if it does not tell.</summary>
    public long Progress { get; private set; }

    /// <summary>What the batch tells of leases.</summary>
    public IReadOnlyList<LeaseTtl> Leases => _leases;

    /// <summary>The event's main revision, or that of the last event.</summary>
    public long Main { get; private set; }

    /// <summary>The event's place within its main revision.</summary>
    public long Sub { get; private set; }

    /// <summary>Whether the event is a deletion.</summary>
    public bool IsDelete { get; private set; }

    /// <summary>The lease that the event carries; 0 for none.</summary>
    public long Lease => _event.Lease;

    /// <summary>The event's <c>KeyValue</c>. It stays until the next batch.</summary>
    public ReadOnlySpan<byte> KeyValue => _fields.Payload.Slice(_keyValueAt, _keyValueSize);

    /// <summary>The event's key.</summary>
    public ReadOnlySpan<byte> Key => KeyValue[_event.KeyStart.._event.KeyField];

    /// <summary>What the <c>key</c> bucket has for the event: a deletion is its key alone.</summary>
    public ReadOnlySpan<byte> Stored => IsDelete ? KeyValue[.._event.KeyField] : KeyValue;

    /// <summary>Goes to the next batch, of this or the next segment.</summary>
    /// <exception cref="ChangeLogException">What follows is no continuation.</exception>
    public bool NextBatch()
    {
        while (NextEvent())
        {
        }

        while (NextField())
        {
            if (_fields.Tag == HeaderTag)
            {
                NextSegment();
            }
            else if (Header is null)
            {
                throw new ChangeLogException("it does not begin with the header of a segment");
            }

            _hash.AppendData(_fields.Raw);
            if (_fields.Tag == BatchTag)
            {
                ReadBatch();
                return true;
            }
        }

        EndSegment();
        return false;
    }

    /// <summary>Goes to the next event of the batch.</summary>
    /// <exception cref="ChangeLogException">It is not the one that has to follow.</exception>
    public bool NextEvent()
    {
        if (_batchAt < 0)
        {
            return false;
        }

        var batch = _fields.Payload;
        for (var fields = new ProtoFields(batch[_batchAt..]); fields.Next();)
        {
            _batchAt = batch.Length - fields.Left;
            if (fields.Tag == EventTag)
            {
                ReadEvent(fields.Bytes, _batchAt - fields.Bytes.Length);
                return true;
            }
        }

        _batchAt = -1;
        return Progress <= Main ? false
            : throw Wrong($"the cluster was at revision {Progress}, and the last event is of {Main}");
    }

    /// <summary>Leaves the stream open.</summary>
    public void Dispose() => _hash.Dispose();

    private bool NextField()
    {
        try
        {
            return _fields.Next();
        }
        catch (FormatException e)
        {
            throw Wrong(e.Message, e);
        }
    }

    private void NextSegment()
    {
        EndSegment();
        try
        {
            Header = SegmentHeader.Read(_fields.Payload);
        }
        catch (FormatException e)
        {
            throw Wrong($"no header follows at byte {_fields.Offset}: {e.Message}", e);
        }

        _chain.Begin(Header);
        (Main, Sub, _events, _isEnded) = (Header.FirstRevision - 1, 0, 0, false);
    }

    private void EndSegment()
    {
        if (Header is null || _isEnded)
        {
            return;
        }

        _isEnded = true;
        if (Main != Header.LastRevision || _events != Header.Events)
        {
            throw Wrong($"it ends at revision {Main}, with {_events} of {Header.Events} events");
        }

        _chain.End(Header, _hash.GetHashAndReset());
    }

    private void ReadBatch()
    {
        _leases.Clear();
        (TimeMs, Progress, _batchAt) = (0, 0, 0);
        try
        {
            for (var fields = new ProtoFields(_fields.Payload); fields.Next();)
            {
                switch (fields.Tag)
                {
                    case 1 << 3:
                        TimeMs = (long)fields.Number;
                        break;
                    case (3 << 3) | 2:
                        _leases.Add(LeaseTtl.Read(fields.Bytes));
                        break;
                    case 4 << 3:
                        Progress = (long)fields.Number;
                        break;
                }
            }
        }
        catch (FormatException e)
        {
            throw Wrong($"the batch at byte {_fields.Offset}: {e.Message}", e);
        }
    }

    private void ReadEvent(ReadOnlySpan<byte> message, int at)
    {
        var (type, found) = (0UL, false);
        try
        {
            for (var fields = new ProtoFields(message); fields.Next();)
            {
                type = fields.Tag == TypeTag ? fields.Number : type;
                if (fields.Tag == KeyValueTag)
                {
                    found = true;
                    _keyValueSize = fields.Bytes.Length;
                    _keyValueAt = at + message.Length - fields.Left - _keyValueSize;
                }
            }

            _event = found ? KeyValueFields.Read(KeyValue) : throw new FormatException("it has no KeyValue");
        }
        catch (FormatException e)
        {
            throw Wrong($"an event after revision {Main}/{Sub}: {e.Message}", e);
        }

        IsDelete = type switch { 0 => false, 1 => true, _ => throw Wrong($"revision {_event.ModRevision}: an event of type {type}") };
        Follow(_event.ModRevision);
    }

    private void Follow(long main)
    {
        if (main < Header!.FirstRevision || main > Header.LastRevision)
        {
            throw Wrong($"an event of revision {main}");
        }

        if (main != Main && main != Main + 1)
        {
            throw Wrong(main < Main ? $"revision {main} comes after {Main}"
                : $"after revision {Main} comes {main}: those between are missing");
        }

        (Main, Sub) = (main, main == Main ? Sub + 1 : 0);
        _events++;
    }

    private ChangeLogException Wrong(string what, Exception? inner = null) => new($"{Header?.ToString() ?? "the log"}: {what}", inner);
}
