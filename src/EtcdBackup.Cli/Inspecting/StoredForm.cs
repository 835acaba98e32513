namespace EtcdBackup.Cli.Inspecting;

/// <summary>Tells a file that the service compressed or encrypted from a plain one, by its first bytes.</summary>
internal static class StoredForm
{
    private const int Longest = 36;

    /// <summary>What the file is, and how to get the snapshot out of it; null if nothing is in the way.</summary>
    public static string? WhyNotPlain(string path)
    {
        Span<byte> start = stackalloc byte[Longest];
        using var file = File.OpenHandle(path);
        start = start[..RandomAccess.Read(file, start, 0)];
        if (start.StartsWith("age-encryption.org/"u8) || start.StartsWith("-----BEGIN AGE ENCRYPTED FILE-----"u8))
        {
            var unpacked = path.EndsWith(".zst.age", StringComparison.Ordinal) ? " | zstd -d" : "";
            return Told("encrypted", $"age -d -i KEYFILE '{path}'{unpacked} > snapshot.db");
        }

        return start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) ? Told("compressed", $"zstd -d < '{path}' > snapshot.db")
            : start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) ? Told("compressed", $"gzip -d < '{path}' > snapshot.db")
            : null;

        string Told(string how, string command) =>
            $"'{path}' is {how}, and only a plain snapshot can be read: write {command}, or have the service open it: etcdbackup get";
    }
}
