using EtcdBackup.Encodings.Age;

namespace EtcdBackup.Encodings;

/// <summary>A few bytes, encrypted as a backup is.</summary>
internal static class SealedBytes
{
    /// <summary>Encrypts them to all recipients.</summary>
    public static async Task<byte[]> SealAsync(byte[] plain, AgeKeyring keys, CancellationToken cancellationToken)
    {
        using var sealedBytes = new MemoryStream();
        using var writer = new AgeWriter(new MemorySink(sealedBytes), keys.Recipients);
        await writer.AppendAsync(plain, cancellationToken);
        await writer.FinishAsync(cancellationToken);
        return sealedBytes.ToArray();
    }

    /// <summary>Opens them.</summary>
    /// <exception cref="EncodingException">They are damaged.</exception>
    /// <exception cref="BackupKeyException">No key opens them.</exception>
    public static async Task<byte[]> OpenAsync(byte[] sealedBytes, AgeFiles keys, CancellationToken cancellationToken)
    {
        await using var reader = await AgeReader.OpenAsync(new MemoryStream(sealedBytes), keys.Read(), cancellationToken);
        var plain = new byte[reader.Length];
        await reader.ReadExactlyAsync(plain, cancellationToken);
        return plain;
    }
}
