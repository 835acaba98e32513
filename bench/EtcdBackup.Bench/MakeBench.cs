using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using EtcdBackup.Snapshots.Bolt;
using EtcdBackup.Snapshots.Log;
using EtcdBackup.Snapshots.Making;
using EtcdBackup.Testing;
using Google.Protobuf;
using Mvccpb;

namespace EtcdBackup.Bench;

/// <summary>
/// <c>etcdbackup cut --log</c> as a whole command on warm files, in turn with <c>etcdbackup cut</c> of a snapshot that has it all; what
/// writing the log costs; and HashKV without a file.
/// </summary>
internal static class MakeBench
{
    private const int ValueBytes = 1024;
    private const int SegmentBytes = 8 * 1024 * 1024;
    private const int EventsOfResponse = 50;

    public static async Task RunAsync(string program, int megabytes, int rounds)
    {
        using var scratch = new ScratchDirectory();
        var (half, whole, log, made) = (scratch["half.db"], scratch["whole.db"], scratch["log"], scratch["made.db"]);
        var last = 1 + (megabytes * 1024L * 1024 / ValueBytes);
        var middle = last / 2;
        WriteBase(half, 2, middle);
        WriteBase(whole, 2, last);
        WriteLog(log, middle + 1, last);
        var bytes = new FileInfo(whole).Length;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB, {rounds} pairs, whole commands with their start"));

        string[] of = ["--revision", string.Create(CultureInfo.InvariantCulture, $"{last}"), "-o", made, "--skip-hash-check"];
        var pairs = new List<(Cost Ours, Cost Theirs)>();
        for (var round = -1; round < rounds; round++)
        {
            // The first round warms up.
            var ours = await OnceAsync(["cut", half, .. of, "--log", log]);
            var theirs = await OnceAsync(["cut", whole, .. of]);
            if (round >= 0)
            {
                pairs.Add((ours, theirs));
            }
        }

        Measure.Compare("half of it from a log", "all of it from a snapshot", pairs);
        Console.WriteLine($"{"MB made a second",-44} {Measure.Spread(pairs.Select(p => bytes / 1e6 / p.Ours.WallSeconds))}");
        var watch = Stopwatch.StartNew();
        var content = SnapshotMaker.Prove(half, [log], last, null, default);
        var speed = bytes / 1e6 / watch.Elapsed.TotalSeconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"HashKV of {content.LiveKeys} keys without a file: {speed:0} MB/s"));

        async Task<Cost> OnceAsync(string[] arguments)
        {
            File.Delete(made);
            return await Measure.CommandAsync(program, arguments);
        }
    }

    private static void WriteBase(string path, long first, long last)
    {
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite);
        var writer = new BoltWriter(file, 4096);
        var key = new byte[17];
        key[8] = (byte)'_';
        writer.BeginBucket("key"u8);
        foreach (var (revision, put) in Puts(first, last))
        {
            BinaryPrimitives.WriteInt64BigEndian(key, revision);
            writer.Add(key, BoltValue.Of(put));
        }

        writer.EndBucket();
        writer.Finish();
    }

    private static void WriteLog(string path, long first, long last)
    {
        using var file = File.Create(path);
        var writer = new SegmentWriter(first);
        var puts = Puts(first, last).ToArray();
        var (watch, before, count) = (Stopwatch.StartNew(), Array.Empty<byte>(), 0);
        foreach (var response in puts.Chunk(EventsOfResponse))
        {
            writer.BeginBatch(count);
            foreach (var (_, put) in response)
            {
                writer.Add(isDelete: false, put);
            }

            writer.EndBatch();
            count += response.Length;
            if (writer.Size > SegmentBytes || count == puts.Length)
            {
                var segment = writer.Finish(new SegmentOrigin(1, "1", "base", before));
                before = segment.Sha256;
                file.Write(segment.Bytes);
            }
        }

        var (speed, share) = (count / watch.Elapsed.TotalSeconds, file.Length / (double)puts.Sum(p => (long)p.Put.Length));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"log: {speed:0} puts/s written, {share:0.000} of the bytes of their events"));
    }

    private static IEnumerable<(long Revision, byte[] Put)> Puts(long first, long last)
    {
        var (random, value) = (new Random(1), new byte[ValueBytes]);
        for (var revision = first; revision <= last; revision++)
        {
            random.NextBytes(value);
            yield return (revision, new KeyValue
            {
                Key = ByteString.CopyFromUtf8(string.Create(CultureInfo.InvariantCulture, $"/bench/namespaces/default/objects/{revision}")),
                Value = ByteString.CopyFrom(value),
                CreateRevision = revision,
                ModRevision = revision,
                Version = 1,
            }.ToByteArray());
        }
    }
}
