using System.Security.Cryptography;
using CsCheck;
using EtcdBackup.Encodings;
using EtcdBackup.Encodings.Age;
using EtcdBackup.Stores;
using EtcdBackup.Stores.FileSystem;
using EtcdBackup.Testing;

namespace EtcdBackup.Tests.Encodings;

public sealed class EncodingTests : IDisposable
{
    private const BackupEncoding Both = BackupEncoding.Zstd | BackupEncoding.Age;

    private readonly ScratchDirectory _directory = new();
    private readonly FileSystemStore _store;
    private readonly Scratch _scratch;
    private readonly AgeFiles _keys;

    public EncodingTests()
    {
        _store = new FileSystemStore(_directory["store"], TimeProvider.System);
        _scratch = new Scratch(_directory["scratch"], TimeProvider.System);
        _keys = new AgeFiles(_directory["keys"], "");
        NewKey("keys");
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(BackupEncoding.Zstd)]
    [InlineData(BackupEncoding.Age)]
    [InlineData(Both)]
    public async Task What_goes_in_comes_out_whole_and_in_any_part(BackupEncoding encoding)
    {
        // around the borders of frames and chunks
        foreach (var size in new[] { 1, 65_535, 65_536, 65_537, 1_048_575, 1_048_576, 1_048_577, 131_072, 3_333_333 })
        {
            var content = Content(size);
            await WriteAsync("x" + size, content, encoding);
            Assert.Equal(content, await ReadAsync("x" + size, encoding, _keys));
            await using var stream = await OpenAsync("x" + size, encoding, _keys);
            Assert.Equal(size, stream.Length);
            Gen.Select(Gen.Int[0, size - 1], Gen.Int[1, 200_000]).Sample(
                (offset, length) => Part(stream, offset, Math.Min(length, size - offset)).AsSpan()
                    .SequenceEqual(content.AsSpan(offset, Math.Min(length, size - offset))),
                iter: 20,
                threads: 1);
        }
    }

    [Theory]
    [InlineData(BackupEncoding.Zstd)]
    [InlineData(BackupEncoding.Age)]
    [InlineData(Both)]
    public async Task The_commands_zstd_and_age_open_it_without_us(BackupEncoding encoding)
    {
        var content = Content(3_000_000);
        await WriteAsync("x", content, encoding);
        var file = _directory["store/v1/x"];
        if (encoding.HasFlag(BackupEncoding.Age))
        {
            await ChildProcess.RunAsync("age", "-d", "-i", _keys.KeyFile, "-o", _directory["opened"], file);
            file = _directory["opened"];
        }

        if (encoding.HasFlag(BackupEncoding.Zstd))
        {
            await ChildProcess.RunAsync("zstd", "-q", "-d", file, "-o", _directory["plain"]);
            file = _directory["plain"];
        }

        Assert.Equal(content, await File.ReadAllBytesAsync(file));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(500_000)]
    public async Task We_open_what_the_command_age_wrote(int size)
    {
        var content = Content(size);
        await File.WriteAllBytesAsync(_directory["in"], content);
        Directory.CreateDirectory(_directory["store/v1"]);
        await ChildProcess.RunAsync("age", "-r", _keys.Read().Recipients[0].Text, "-o", _directory["store/v1/x"], _directory["in"]);
        Assert.Equal(content, await ReadAsync("x", BackupEncoding.Age, _keys));
    }

    [Theory]
    [InlineData(BackupEncoding.Age)]
    [InlineData(Both)]
    public async Task Whatever_is_changed_or_cut_off_is_refused(BackupEncoding encoding)
    {
        var content = Content(300_000);
        await WriteAsync("x", content, encoding);
        var sound = await File.ReadAllBytesAsync(_directory["store/v1/x"]);
        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Int[0, 7], Gen.Bool).Sample(
            (at, bit, cut) =>
            {
                var bad = cut ? sound[..at] : [.. sound[..at], (byte)(sound[at] ^ (1 << bit)), .. sound[(at + 1)..]];
                File.WriteAllBytes(_directory["store/v1/x"], bad);
                var e = Record.Exception(() => { ReadAsync("x", encoding, _keys).GetAwaiter().GetResult(); });
                return e is EncodingException or BackupKeyException;
            },
            iter: 400,
            threads: 1);
    }

    [Fact]
    public async Task Cut_off_at_the_border_of_a_chunk_it_is_refused_before_the_first_byte()
    {
        await WriteAsync("x", Content(3 * 65_536), BackupEncoding.Age);
        var sound = await File.ReadAllBytesAsync(_directory["store/v1/x"]);
        await File.WriteAllBytesAsync(_directory["store/v1/x"], sound[..^(65_536 + 16)]);
        await Assert.ThrowsAsync<EncodingException>(() => OpenAsync("x", BackupEncoding.Age, _keys));
    }

    [Fact]
    public async Task A_damaged_frame_and_a_damaged_table_are_refused()
    {
        await WriteAsync("x", Content(3_000_000), BackupEncoding.Zstd);
        var sound = await File.ReadAllBytesAsync(_directory["store/v1/x"]);
        foreach (var at in new[] { 1000, sound.Length - 20, sound.Length - 3, sound.Length - 8 })
        {
            var bad = sound.ToArray();
            bad[at] ^= 0x55;
            await File.WriteAllBytesAsync(_directory["store/v1/x"], bad);
            await Assert.ThrowsAsync<EncodingException>(() => ReadAsync("x", BackupEncoding.Zstd, _keys));
        }

        await File.WriteAllBytesAsync(_directory["store/v1/x"], sound[..^100]);
        await Assert.ThrowsAsync<EncodingException>(() => ReadAsync("x", BackupEncoding.Zstd, _keys));
    }

    [Fact]
    public async Task After_a_rotation_old_backups_stay_readable_and_new_ones_use_the_new_key()
    {
        var content = Content(100_000);
        var old = File.ReadAllText(_keys.KeyFile);
        await WriteAsync("before", content, BackupEncoding.Age);
        NewKey("new");
        File.WriteAllText(_keys.KeyFile, File.ReadAllText(_directory["new"]) + old);
        var keyId = await WriteAsync("after", content, BackupEncoding.Age);

        Assert.Equal(content, await ReadAsync("before", BackupEncoding.Age, _keys));
        Assert.Equal(content, await ReadAsync("after", BackupEncoding.Age, new AgeFiles(_directory["new"], "")));
        await Assert.ThrowsAsync<BackupKeyException>(() => ReadAsync("before", BackupEncoding.Age, new AgeFiles(_directory["new"], "")));
        Assert.Contains(keyId!, File.ReadAllText(_directory["new"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_kept_in_a_safe_opens_what_was_encrypted_to_it_too()
    {
        NewKey("safe");
        var recipient = File.ReadLines(_directory["safe"]).Single(l => l.Contains("public key", StringComparison.Ordinal)).Split(' ')[^1];
        await File.WriteAllTextAsync(_directory["recipients"], $"# the safe\n{recipient}\n");
        await WriteAsync("x", Content(1000), BackupEncoding.Age, _keys with { RecipientsFile = _directory["recipients"] });
        Assert.Equal(Content(1000), await ReadAsync("x", BackupEncoding.Age, new AgeFiles(_directory["safe"], "")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    [InlineData("AGE-SECRET-KEY-1QQQQ\n")]
    public async Task A_key_file_that_holds_no_key_is_told_without_showing_it(string text)
    {
        await File.WriteAllTextAsync(_keys.KeyFile, text);
        var e = Assert.Throws<BackupKeyException>(() => _keys.Read());
        Assert.DoesNotContain("QQQQ", e.Message, StringComparison.Ordinal);
    }

    // BIP 173's own valid and invalid strings.
    [Theory]
    [InlineData("a", "A12UEL5L", true)]
    [InlineData("a", "a12uel5l", true)]
    [InlineData("?", "?1ezyfcl", true)]
    [InlineData("abcdef", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", true)]
    [InlineData("a", "A12uEL5L", false)]
    [InlineData("a", "a12uel5m", false)]
    [InlineData("b", "a12uel5l", false)]
    [InlineData("de", "de1lg7wt\u00ff", false)]
    public void Keys_are_read_as_BIP_173_says(string prefix, string text, bool valid) =>
        Assert.Equal(valid, Bech32.Decode(prefix, text) is not null);

    // RFC 7748, section 5.2: the first vector, and a point of low order.
    [Fact]
    public void X25519_agrees_with_its_RFC()
    {
        static byte[] Hex(string s) => Convert.FromHexString(s);
        var alice = AgeIdentity.Parse(
            Bech32.Encode("age-secret-key-", Hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")).ToUpperInvariant());
        Assert.Equal(Hex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"),
            alice.Agree(Hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")));
        Assert.Throws<EncodingException>(() => alice.Agree(new byte[32]));
    }

    private static byte[] Content(int size)
    {
        var content = new byte[size];
        new Random(size).NextBytes(content);
        // half of it compresses
        content.AsSpan(0, size / 2).Fill(7);
        return content;
    }

    private static byte[] Part(Stream stream, int offset, int length)
    {
        var part = new byte[length];
        stream.Position = offset;
        stream.ReadExactlyAsync(part).AsTask().GetAwaiter().GetResult();
        return part;
    }

    private void NewKey(string name) => ChildProcess.RunAsync("age-keygen", "-o", _directory[name]).GetAwaiter().GetResult();

    private async Task<string?> WriteAsync(string name, byte[] content, BackupEncoding encoding, AgeFiles? keys = null)
    {
        await using var pending = await PendingBackup.BeginAsync(
            _store, "v1", content.Length, encoding, keys ?? _keys, _scratch, CancellationToken.None);
        foreach (var block in content.Chunk(100_000))
        {
            await pending.AppendAsync(block, CancellationToken.None);
        }

        await pending.SealAsync(CancellationToken.None);
        Assert.Equal(SHA256.HashData(content), SHA256.HashData(await File.ReadAllBytesAsync(pending.LocalPath)));
        Assert.True(await pending.TryCommitAsync(name, CancellationToken.None));
        return pending.KeyId;
    }

    private async Task<Stream> OpenAsync(string name, BackupEncoding encoding, AgeFiles keys) =>
        await StoredBackup.OpenAsync(await _store.OpenAsync("v1/" + name, CancellationToken.None), encoding, keys, CancellationToken.None);

    private async Task<byte[]> ReadAsync(string name, BackupEncoding encoding, AgeFiles keys)
    {
        await using var stream = await OpenAsync(name, encoding, keys);
        var content = new MemoryStream();
        await stream.CopyToAsync(content);
        return content.ToArray();
    }
}
