using System.Globalization;
using System.Text.RegularExpressions;

namespace EtcdBackup.ChangeLog;

/// <summary>
/// The name of an anchor: it says that a backup is what a stream of the change log gives at its revision, or that it is not, or that the
/// stream ends.
/// </summary>
/// <param name="Revision">The backup's revision, or the last one of the stream.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Sha256">The first 16 hex digits of the backup's SHA-256; of an end, zeros.</param>
/// <param name="Kind">What it says.</param>
internal readonly partial record struct AnchorName(long Revision, string Stream, string Sha256, AnchorKind Kind)
{
    /// <summary>Hex digits of a SHA-256 that names have.</summary>
    public const int Sha256Digits = 16;

    /// <summary>The end of a stream.</summary>
    public static AnchorName EndOf(string stream, long revision) =>
        new(revision, stream, new string('0', Sha256Digits), AnchorKind.End);

    /// <summary>Reads one.</summary>
    /// <returns>False if it is no anchor's.</returns>
    public static bool TryParse(string text, out AnchorName name)
    {
        name = default;
        if (Form().Match(text) is not { Success: true } m)
        {
            return false;
        }

        name = new AnchorName(
            long.Parse(m.Groups[1].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), m.Groups[2].Value,
            m.Groups[3].Value, Enum.Parse<AnchorKind>(m.Groups[4].ValueSpan, ignoreCase: true));
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Revision:x16}_{Stream}_{Sha256}.{Kind switch
        {
            AnchorKind.Base => "base",
            AnchorKind.Differs => "differs",
            _ => "end",
        }}");

    [GeneratedRegex(@"\A([0-7][0-9a-f]{15})_([0-9a-f]{8})_([0-9a-f]{16})\.(base|differs|end)\z")]
    private static partial Regex Form();
}
