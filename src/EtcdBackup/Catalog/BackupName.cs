using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;

namespace EtcdBackup.Catalog;

/// <summary>
/// The name of a backup in its cluster's folder: <c>VERSION_REVISION16HEX_etcd.backup</c>, as the original service wrote it.
/// If two backups would have the same name but different content, ours has a tag: <c>VERSION_REVISION16HEX_TAG_etcd.backup</c>.
/// The original's listing reads both: it splits at the first two underscores and looks at the end. A compressed or encrypted file
/// it could not give to etcd: such names end in <c>.zst</c>, <c>.age</c> or <c>.zst.age</c>, and it does not see them.
/// </summary>
[JsonConverter(typeof(Json))]
public readonly partial record struct BackupName(
    EtcdVersion Version, long Revision, string Tag = "", BackupEncoding Encoding = BackupEncoding.None)
{
    /// <summary>The suffix of a backup that is stored as it is. No other object of ours has it.</summary>
    public const string Suffix = "_etcd.backup";

    /// <summary>The name of the snapshot in it, once opened.</summary>
    public string SnapshotName => (this with { Encoding = BackupEncoding.None }).ToString();

    /// <summary>Reads a name; false for anything that is not a backup.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out BackupName name)
    {
        name = default;
        if (text is null || Pattern().Match(text) is not { Success: true } match ||
            !EtcdVersion.TryParse(match.Groups[1].Value, out var version) ||
            !long.TryParse(match.Groups[2].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var revision) ||
                revision < 0)
        {
            return false;
        }

        var encoding = (match.Groups[4].Success ? BackupEncoding.Zstd : 0) | (match.Groups[5].Success ? BackupEncoding.Age : 0);
        name = new BackupName(version, revision, match.Groups[3].Value, encoding);
        return name.ToString() == text;
    }

    /// <summary>Reads a name.</summary>
    /// <exception cref="FormatException">The text is no name of a backup.</exception>
    public static BackupName Parse(string text) =>
        TryParse(text, out var name) ? name
            : throw new FormatException($"'{text}' is no backup: names look like 3.5.30_000000000000000f_etcd.backup");

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture,
            $"{Version}_{Revision:x16}{(string.IsNullOrEmpty(Tag) ? "" : "_")}{Tag}{Suffix}{Encoding.Suffix()}");

    private sealed class Json() : TextConverter<BackupName>(Parse);

    [GeneratedRegex(@"\A([^_/]{1,100})_([0-9a-f]{16})(?:_([0-9a-z]{1,16}))?_etcd\.backup(\.zst)?(\.age)?\z")]
    private static partial Regex Pattern();
}
