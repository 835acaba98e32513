using System.Buffers.Binary;
using EtcdBackup.Snapshots.Bolt;
using EtcdBackup.Snapshots.Log;
using Google.Protobuf;
using Mvccpb;

namespace EtcdBackup.Cli.Tests;

/// <content>The bases and logs.</content>
public sealed partial class MakeProblemTests
{
    private static byte[] Put(long revision, string key = "a", string? value = null, long lease = 0) => new KeyValue
    {
        Key = ByteString.CopyFromUtf8($"{key}{revision}"),
        Value = ByteString.CopyFromUtf8(value ?? $"{revision}"),
        CreateRevision = revision,
        ModRevision = revision,
        Version = 1,
        Lease = lease,
    }.ToByteArray();

    // One put in each revision.
    private string Log(long first, long last)
    {
        var writer = new SegmentWriter(first);
        writer.BeginBatch(1);
        for (var revision = first; revision <= last; revision++)
        {
            writer.Add(isDelete: false, Put(revision));
        }

        writer.EndBatch();
        return Save(writer);
    }

    private string Save(SegmentWriter writer)
    {
        var path = _scratch[$"log-{Guid.NewGuid():N}"];
        File.WriteAllBytes(path, writer.Finish(new SegmentOrigin(1, "1", "base", default)).Bytes);
        return path;
    }

    private string Base(long first, long last, long compacted = 0, params long[] leases)
    {
        var path = _scratch[$"base-{Guid.NewGuid():N}"];
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite);
        var writer = new BoltWriter(file, 4096);
        writer.BeginBucket("key"u8);
        for (var revision = first; revision <= last; revision++)
        {
            writer.Add(Key(revision), BoltValue.Of(Put(revision)));
        }

        writer.EndBucket();
        writer.BeginBucket("lease"u8);
        foreach (var id in leases)
        {
            writer.Add(Key(id).AsSpan(0, 8), BoltValue.Of([0x08, (byte)id, 0x10, 60]));
        }

        writer.EndBucket();
        writer.BeginBucket("meta"u8);
        if (compacted > 0)
        {
            writer.Add("finishedCompactRev"u8, BoltValue.Of(Key(compacted)));
        }

        writer.EndBucket();
        writer.Finish();
        return path;
    }

    private static byte[] Key(long main)
    {
        var key = new byte[17];
        BinaryPrimitives.WriteInt64BigEndian(key, main);
        key[8] = (byte)'_';
        return key;
    }

    private static List<(long Id, long Seconds)> Leases(string path)
    {
        var seen = new LeaseLister();
        using var file = BoltFile.Open(path);
        new BoltWalker(file, seen, 0, default).Walk();
        return seen.Leases;
    }

    private sealed class LeaseLister : IBoltVisitor
    {
        private bool _isLeases;

        public List<(long Id, long Seconds)> Leases { get; } = [];

        public void Bucket(ReadOnlySpan<byte> name, int depth) => _isLeases = name.SequenceEqual("lease"u8);

        public void Entry(ReadOnlySpan<byte> key, BoltValue value)
        {
            if (_isLeases)
            {
                var lease = LeaseTtl.Read(value.ToArray(100));
                Assert.Equal(BinaryPrimitives.ReadInt64BigEndian(key), lease.Id);
                Leases.Add((lease.Id, lease.Seconds));
            }
        }
    }
}
