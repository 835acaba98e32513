using System.Globalization;
using System.Text.RegularExpressions;

namespace EtcdBackup.ChangeLog;

/// <summary>
/// The name of an anchor: it says that a backup is what a stream of the change log gives at its revision, or that it is not.
/// </summary>
/// <param name="Revision">The backup's revision.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Sha256">The first 16 hex digits of the backup's SHA-256.</param>
/// <param name="Holds">Whether the two agree.</param>
internal readonly partial record struct AnchorName(long Revision, string Stream, string Sha256, bool Holds)
{
    /// <summary>Hex digits of a SHA-256 that names have.</summary>
    public const int Sha256Digits = 16;

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
            m.Groups[3].Value, m.Groups[4].Value == "base");
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Revision:x16}_{Stream}_{Sha256}.{(Holds ? "base" : "differs")}");

    [GeneratedRegex(@"\A([0-7][0-9a-f]{15})_([0-9a-f]{8})_([0-9a-f]{16})\.(base|differs)\z")]
    private static partial Regex Form();
}
