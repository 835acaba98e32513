using System.Security.Cryptography;

namespace EtcdBackup.Cli.Downloading;

/// <summary>
/// The SHA-256 of a snapshot while it passes by. Its last 32 bytes are the digest of all before them (etcdctl snapshot save).
/// </summary>
internal sealed class SnapshotHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _last = new byte[SHA256.HashSizeInBytes];
    private int _held;

    /// <summary>The digest of all bytes but the last 32, hex.</summary>
    public string Digest => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>The last 32 bytes, hex.</summary>
    public string Trailer => Convert.ToHexStringLower(_last.AsSpan(0, _held));

    /// <summary>Takes the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= _last.Length)
        {
            _hash.AppendData(_last.AsSpan(0, _held));
            _hash.AppendData(bytes[..^_last.Length]);
            bytes[^_last.Length..].CopyTo(_last);
            _held = _last.Length;
            return;
        }

        var leaving = Math.Max(0, _held + bytes.Length - _last.Length);
        _hash.AppendData(_last.AsSpan(0, leaving));
        _last.AsSpan(leaving, _held - leaving).CopyTo(_last);
        bytes.CopyTo(_last.AsSpan(_held - leaving));
        _held += bytes.Length - leaving;
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
