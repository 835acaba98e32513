using System.Globalization;
using System.Text.RegularExpressions;
using EtcdBackup.Encodings;

namespace EtcdBackup.ChangeLog;

/// <summary>
/// The name of a segment of the change log. It says all that is needed to choose segments, so that a list of names is enough.
/// Described in docs/changelog-format.md.
/// </summary>
/// <param name="First">The first revision in it.</param>
/// <param name="Last">The last: every revision between is in it too.</param>
/// <param name="FirstAt">When the first came, UTC, in milliseconds.</param>
/// <param name="LastAt">When the last came.</param>
/// <param name="Stream">The stream that it is part of: eight hex digits.</param>
/// <param name="Before">The chain value that it begins with: the first 16 hex digits.</param>
/// <param name="After">The chain value that it ends with.</param>
/// <param name="Size">Bytes of it, uncompressed.</param>
/// <param name="CaughtUpAt">When what came late was caught up with: before that the times of its revisions are unknown. 1970 if nothing
/// came late.</param>
/// <param name="RaftTerm">The highest raft term that the cluster had when it was stored.</param>
/// <param name="RaftIndex">The highest raft index.</param>
/// <param name="Encoding">What was done to its bytes.</param>
internal readonly partial record struct SegmentName(
    long First, long Last, DateTimeOffset FirstAt, DateTimeOffset LastAt, string Stream, string Before, string After, int Size,
    DateTimeOffset CaughtUpAt, ulong RaftTerm, ulong RaftIndex, BackupEncoding Encoding)
{
    /// <summary>Hex digits of a chain value that names have.</summary>
    public const int ChainDigits = 16;

    /// <summary>Reads one.</summary>
    /// <returns>False if it is no segment's.</returns>
    public static bool TryParse(string text, out SegmentName name)
    {
        name = default;
        if (Form().Match(text) is not { Success: true } m)
        {
            return false;
        }

        var (first, last) = (Hex(m, 1), Hex(m, 2));
        if (first < 1 || last < first || Hex(m, 8) > int.MaxValue)
        {
            return false;
        }

        name = new SegmentName(
            first, last, DateTimeOffset.FromUnixTimeMilliseconds(Hex(m, 3)), DateTimeOffset.FromUnixTimeMilliseconds(Hex(m, 4)),
            m.Groups[5].Value, m.Groups[6].Value, m.Groups[7].Value, (int)Hex(m, 8),
            DateTimeOffset.FromUnixTimeMilliseconds(Hex(m, 9)), (ulong)Hex(m, 10), (ulong)Hex(m, 11),
            (m.Groups[12].Success ? BackupEncoding.Zstd : 0) | (m.Groups[13].Success ? BackupEncoding.Age : 0));
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{First:x16}_{Last:x16}_{FirstAt.ToUnixTimeMilliseconds():x11}_{LastAt.ToUnixTimeMilliseconds():x11}_{Stream}_{Before}_{After}_" +
        $"{Size:x8}_{CaughtUpAt.ToUnixTimeMilliseconds():x11}_{RaftTerm:x8}_{RaftIndex:x16}.log{Encoding.Suffix()}");

    private static long Hex(Match match, int group) =>
        long.Parse(match.Groups[group].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A([0-7][0-9a-f]{15})_([0-7][0-9a-f]{15})_([0-9a-f]{11})_([0-9a-f]{11})_([0-9a-f]{8})_" +
        @"([0-9a-f]{16})_([0-9a-f]{16})_([0-9a-f]{8})_" +
        @"([0-9a-f]{11})_([0-9a-f]{8})_([0-7][0-9a-f]{15})\.log(\.zst)?(\.age)?\z")]
    private static partial Regex Form();
}
