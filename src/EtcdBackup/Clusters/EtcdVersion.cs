using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace EtcdBackup.Clusters;

/// <summary>A version of etcd, without a leading <c>v</c>. Compared part by part; a pre-release counts as its release.</summary>
[JsonConverter(typeof(Json))]
public readonly partial record struct EtcdVersion(int Major, int Minor, int Patch, string Suffix = "")
{
    /// <summary>Reads <c>X.Y.Z</c>, with or without a leading <c>v</c>, a pre-release and build part.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out EtcdVersion version)
    {
        version = default;
        if (text is null || Pattern().Match(text) is not { Success: true } match)
        {
            return false;
        }

        if (!int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var major) ||
            !int.TryParse(match.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var minor) ||
            !int.TryParse(match.Groups[3].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var patch))
        {
            return false;
        }

        version = new EtcdVersion(major, minor, patch, match.Groups[4].Value);
        return true;
    }

    /// <summary>Reads <c>X.Y.Z</c>.</summary>
    /// <exception cref="FormatException">The text is not a semantic version.</exception>
    public static EtcdVersion Parse(string text) =>
        TryParse(text, out var version) ? version : throw new FormatException($"'{text}' is no semantic version: write X.Y.Z, e.g. 3.5.30");

    /// <summary>
    /// Whether a backup of this version restores a server of version <paramref name="server"/>: the same minor, or one minor newer.
    /// </summary>
    /// <remarks>The last minor of a major is the step before <c>.0</c> of the next: 2.3 goes to 3.0. The last minor of 3.x is not known
    /// yet.</remarks>
    public bool Restores(EtcdVersion server) =>
        (server.Major == Major && (server.Minor == Minor || server.Minor == Minor + 1)) ||
        (this is { Major: 2, Minor: 3 } && server is { Major: 3, Minor: 0 });

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}{Suffix}");

    private sealed class Json() : TextConverter<EtcdVersion>(Parse);

    // semver.org, section 9 and 10: dot-separated identifiers after '-' and '+'
    [GeneratedRegex(
        @"\Av?(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})" +
        @"((?:-[0-9A-Za-z-]{1,64}(?:\.[0-9A-Za-z-]{1,64}){0,8})?(?:\+[0-9A-Za-z-]{1,64}(?:\.[0-9A-Za-z-]{1,64}){0,8})?)\z")]
    private static partial Regex Pattern();
}
