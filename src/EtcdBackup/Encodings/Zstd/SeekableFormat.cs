namespace EtcdBackup.Encodings.Zstd;

/// <summary>
/// Zstandard frames, each of which can be opened alone, and a seek table behind them, in a frame that other readers skip
/// (zstd contrib/seekable_format/zstd_seekable_compression_format.md).
/// </summary>
internal static class SeekableFormat
{
    /// <summary>Bytes of the snapshot in one frame: a range costs at most so much more.</summary>
    public const int FrameSize = 1024 * 1024;

    public const uint SkippableMagic = 0x184D2A5E;
    public const uint SeekableMagic = 0x8F92EAB1;

    public const int SkippableHeaderSize = 8;
    public const int FooterSize = 9;

    /// <summary>Bytes of an entry of the table without checksums: compressed size, decompressed size.</summary>
    public const int EntrySize = 8;

    /// <summary>An entry with its checksum: other writers add one.</summary>
    public const int EntryWithChecksumSize = 12;

    public const byte ChecksumFlag = 0x80;
    public const byte ReservedBits = 0x7C;
}
