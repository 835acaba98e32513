using System.Text.Json;
using EtcdBackup.Testing;

namespace EtcdBackup.Cli.Tests;

/// <summary>Local files that are sound, damaged, or something else.</summary>
public sealed class LocalFileTests : IDisposable
{
    private const int PageSize = 4096;

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task A_sound_file_is_sound_without_a_service()
    {
        var file = Sound("a b.db");
        Assert.Equal(new Ended(0, $"sound: {file}\n", ""), await RunAsync("verify", "--file", file));
        var json = JsonDocument.Parse((await RunAsync("verify", "-f", file, "-o", "json")).Out).RootElement;
        Assert.True(json.GetProperty("verification").GetProperty("sound").GetBoolean());
        Assert.Equal(38, json.GetProperty("snapshot").GetProperty("revision").GetInt64());
    }

    [Fact]
    public async Task A_link_leads_to_its_file()
    {
        var file = Sound("a.db");
        File.CreateSymbolicLink(_scratch["link"], file);
        var ended = await RunAsync("inspect", _scratch["link"]);
        Assert.Contains($"({new FileInfo(file).Length} bytes)", ended.Out, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Damages() => new()
    {
        { "a byte of a value", "the SHA-256 of the snapshot's 127008 bytes is not the one at its end" },
        { "a byte of the digest", "the SHA-256 of the snapshot's 127008 bytes is not the one at its end" },
        { "no digest", "it was cut short, or has no SHA-256 at its end" },
        { "half of it", "the database has 31 pages of 4096 bytes, the file 61440 bytes" },
        { "a page of zeros", "it says that it is page 0" },
        { "no byte", "no sound meta page" },
        { "a text", "this is no bbolt database" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_file_is_told_with_its_reason_and_exit_code_1(string damage, string told)
    {
        var file = Sound("a.db");
        var bytes = Damaged(await File.ReadAllBytesAsync(file), damage);
        await File.WriteAllBytesAsync(file, bytes);
        var ended = await RunAsync("verify", "--file", file);
        Assert.StartsWith($"damaged: {file}: ", ended.Out, StringComparison.Ordinal);
        Assert.True(ended is { Code: 1, Error: "" } && ended.Out.Contains(told, StringComparison.Ordinal), ended.ToString());
        var json = JsonDocument.Parse((await RunAsync("verify", "--file", file, "-o", "json")).Out).RootElement;
        Assert.Contains(told, json.GetProperty("verification").GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_inspected_need_not_be_whole_but_must_be_no_nonsense()
    {
        var file = Sound("a.db");
        var sound = await File.ReadAllBytesAsync(file);
        await File.WriteAllBytesAsync(file, Damaged(sound, "no digest"));
        var ended = await RunAsync("inspect", file, "--all");
        Assert.True(ended.Code == 0 && ended.Out.Contains("none at its end", StringComparison.Ordinal), ended.ToString());

        await File.WriteAllBytesAsync(file, Damaged(sound, "a byte of a value"));
        ended = await RunAsync("inspect", file);
        Assert.True(ended.Code == 0 && ended.Out.Contains(", not compared (--all)", StringComparison.Ordinal), ended.ToString());
        ended = await RunAsync("inspect", file, "--all");
        Assert.True(ended.Code == 1 && ended.Out.Contains(", WRONG: the file is damaged", StringComparison.Ordinal), ended.ToString());

        await File.WriteAllBytesAsync(file, Damaged(sound, "a page of zeros"));
        ended = await RunAsync("inspect", file);
        Assert.True(ended is { Code: 1, Out: "" }, ended.ToString());
        Assert.Contains($"'{file}' is no sound snapshot: page ", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_file_of_a_plain_snapshot_is_a_sentence_and_exit_code_2()
    {
        await File.WriteAllBytesAsync(_scratch["x.zst"], [0x28, 0xB5, 0x2F, 0xFD, 0, 0]);
        await File.WriteAllBytesAsync(_scratch["x.gz"], [0x1F, 0x8B, 8, 0]);
        await File.WriteAllTextAsync(_scratch["x.zst.age"], "age-encryption.org/v1\n-> X25519 ");
        await File.WriteAllTextAsync(_scratch["x.age"], "-----BEGIN AGE ENCRYPTED FILE-----\n");
        (string File, string Told)[] table =
        [
            (_scratch["nowhere"], "cannot be read: Could not find file"),
            (_scratch.Path, "cannot be read: Access"),
            ("-", "is no file"),
            ("", "cannot be read: "),
            ("/dev/stdin", "is no file"),
            (_scratch["x.zst"], "is compressed, and only a plain snapshot can be read"),
            (_scratch["x.zst"], $"write zstd -d < '{_scratch["x.zst"]}' > snapshot.db"),
            (_scratch["x.gz"], "write gzip -d <"),
            (_scratch["x.age"], $"is encrypted, and only a plain snapshot can be read: write age -d -i KEYFILE '{_scratch["x.age"]}' > "),
            (_scratch["x.zst.age"], "x.zst.age' | zstd -d > snapshot.db, or have the service open it: etcdbackup get"),
        ];
        foreach (var (file, told) in table)
        {
            foreach (var command in new[] { new[] { "inspect", file }, ["verify", "--file", file] })
            {
                var ended = await RunAsync(command);
                Assert.True(ended is { Code: 2, Out: "" } && ended.Error.Contains(told, StringComparison.Ordinal), $"{file}: {ended}");
                Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("example")]
    [InlineData("-b", "name")]
    public async Task A_file_and_a_stored_backup_are_not_verified_at_once(params string[] stored)
    {
        var ended = await RunAsync(["verify", "--file", Sound("a.db"), .. stored]);
        Assert.True(ended is { Code: 2, Out: "" }, ended.ToString());
        Assert.Contains("--file stands alone: leave out the cluster and --backup", ended.Error, StringComparison.Ordinal);
    }

    // What it would have to load, each start of a command would pay for.
    [Fact]
    public async Task Other_commands_do_not_load_what_reads_files()
    {
        foreach (var file in Directory.GetFiles(CliService.Program).Where(f => !f.EndsWith(".deps.json", StringComparison.Ordinal)))
        {
            File.Copy(file, _scratch[Path.GetFileName(file)]);
        }

        File.Delete(_scratch["EtcdBackup.Snapshots.dll"]);
        foreach (var (arguments, code) in new[] { ("--help", 0), ("verify --help", 0), ("status --address http://127.0.0.1:1", 3) })
        {
            var output = await ChildProcess.RunAsync("bash", "-c", $"'{_scratch["etcdbackup"]}' {arguments} >&2; echo \"code $?\"");
            Assert.Contains($"code {code}\n", output, StringComparison.Ordinal);
        }
    }

    private static Task<Ended> RunAsync(params string[] arguments) => CliService.RunAsync("", arguments);

    private string Sound(string name) => InspectTests.Unpack("etcd-3.6.14-compacted.backup", _scratch[name]);

    internal static byte[] Damaged(byte[] bytes, string damage)
    {
        switch (damage)
        {
            case "a byte of a value":
                // No structure tells: a value may be anything.
                bytes[bytes.AsSpan().LastIndexOf("value 30"u8)] ^= 1;
                return bytes;
            case "a byte of the digest":
                bytes[^1] ^= 1;
                return bytes;
            case "no digest":
                return bytes[..^32];
            case "half of it":
                return bytes[..(bytes.Length / 2 / PageSize * PageSize)];
            case "a page of zeros":
                var leaf = Enumerable.Range(2, (bytes.Length / PageSize) - 2).First(p => bytes[(p * PageSize) + 8] == 2);
                bytes.AsSpan(leaf * PageSize, PageSize).Clear();
                return bytes;
            case "no byte":
                return [];
            default:
                return "not a database\n"u8.ToArray();
        }
    }
}
