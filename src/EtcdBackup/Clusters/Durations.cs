using System.Globalization;
using System.Text.RegularExpressions;

namespace EtcdBackup.Clusters;

/// <summary>Durations as people write them: a number with s, m, h or d.</summary>
internal static partial class Durations
{
    /// <summary>Reads one; empty text is none.</summary>
    /// <returns>False if it is no duration.</returns>
    public static bool TryGet(string text, out TimeSpan? time)
    {
        time = null;
        if (text == "")
        {
            return true;
        }

        if (Form().Match(text) is not { Success: true } match)
        {
            return false;
        }

        var number = long.Parse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        time = TimeSpan.FromSeconds(number * match.Groups[2].Value switch { "s" => 1L, "m" => 60, "h" => 3600, _ => 86_400 });
        return true;
    }

    [GeneratedRegex(@"\A([0-9]{1,6})([smhd])\z")]
    private static partial Regex Form();
}
