using System.Text.Json;
using System.Text.Json.Serialization;
using EtcdBackup.Clusters;
using EtcdBackup.Snapshots;

namespace EtcdBackup.Catalog;

/// <summary>The metadata of one backup, stored beside it as <c>NAME.json</c>. Described in docs/metadata.md.</summary>
public sealed record BackupMetadata
{
    /// <summary>The format that this build writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The suffix that makes its name in the store from the backup's.</summary>
    public const string Extension = ".json";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Version of the format.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>The backup's name when it was written.</summary>
    public required BackupName Name { get; init; }

    /// <summary>When the snapshot began, UTC.</summary>
    public required DateTimeOffset CreationTime { get; init; }

    /// <summary>How long the backup took in all, seconds.</summary>
    public double DurationSeconds { get; init; }

    /// <summary>Bytes of the snapshot, with etcd's SHA-256 at its end.</summary>
    public required long Size { get; init; }

    /// <summary>Bytes of the stored object when it was written, or last read whole; null in metadata of older builds.</summary>
    public long? StoredSize { get; init; }

    /// <summary>
    /// The store's tag of the object when it was written, or last read whole; null in metadata of older builds. Another tag means that the
    /// object was overwritten since, or copied: its present bytes are unknown until they are read.
    /// </summary>
    public string? ObjectTag { get; init; }

    /// <summary>SHA-256 of the snapshot without its last 32 bytes (which repeat it), hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The server's version.</summary>
    public required EtcdVersion Version { get; init; }

    /// <summary>
    /// The storage version: the oldest version of etcd that opens the file. It is below the server's in a cluster that is being upgraded or
    /// downgraded. Null before etcd 3.6, which introduced it, in metadata of older builds, and if the file was not read.
    /// </summary>
    public EtcdVersion? StorageVersion { get; init; }

    /// <summary>The revision found in the file.</summary>
    public required long Revision { get; init; }

    /// <summary>The position that the cluster had, at least, when the snapshot began.</summary>
    public required ClusterPosition Position { get; init; }

    /// <summary>Which lineage of the cluster it belongs to.</summary>
    public required Lineage Lineage { get; init; }

    /// <summary>The member that gave it.</summary>
    public required string Member { get; init; }

    /// <summary>The public key that it is encrypted to, <c>age1…</c>; null if it is not encrypted.</summary>
    public string? KeyId { get; init; }

    /// <summary>What was found in the file.</summary>
    public SnapshotReport? Snapshot { get; init; }

    /// <summary>
    /// The last put in it, which distinguishes its history from others; null in metadata of older builds, and if it is encrypted.
    /// </summary>
    public LastPut? LastPut { get; init; }

    /// <summary>The last put, encrypted as the backup is; null if the backup is not encrypted.</summary>
    public byte[]? SealedLastPut { get; init; }

    /// <summary>The result of the comparison with the live members; null if it was not compared.</summary>
    public LiveProof? Proof { get; init; }

    /// <summary>The last time that the stored bytes were read back; null if they were not since the backup was taken.</summary>
    public Verification? Verification { get; init; }

    /// <summary>True if this was made again from the file, because the first was missing or damaged.</summary>
    public bool Rebuilt { get; init; }

    /// <summary>
    /// Metadata from the stored object alone, for a backup that has none. Its lineage is lost: it counts as the oldest, so that it never
    /// hides a backup with known lineage.
    /// </summary>
    /// <param name="entry">The backup.</param>
    /// <param name="size">Bytes of the snapshot.</param>
    /// <param name="sha256">Its SHA-256; empty when it could not be read.</param>
    /// <param name="report">What is in the file; null if it could not be read.</param>
    public static BackupMetadata Rebuild(BackupEntry entry, long size, string sha256, SnapshotReport? report) => new()
    {
        Name = entry.Name,
        Version = entry.Version,
        StorageVersion = StorageVersionOf(entry.Version, report),
        Revision = report?.Revision ?? entry.Name.Revision,
        CreationTime = entry.StoredAt,
        Size = size,
        Sha256 = sha256,
        Position = new ClusterPosition("", report?.Revision ?? entry.Name.Revision, report?.Term ?? 0, report?.ConsistentIndex ?? 0),
        Lineage = new Lineage("", 0, entry.Name.Tag),
        Member = "",
        Snapshot = report,
        Rebuilt = true,
    };

    /// <summary>
    /// The storage version of a file, as a server that opens it finds it (etcd server/storage/schema, DetectSchemaVersion).
    /// </summary>
    /// <param name="server">The version of the server that gave the file.</param>
    /// <param name="report">What is in the file.</param>
    public static EtcdVersion? StorageVersionOf(EtcdVersion server, SnapshotReport? report) => server switch
    {
        _ when report is null => null,
        { Major: < 3 } or { Major: 3, Minor: < 6 } => null,
        _ when EtcdVersion.TryParse(report.StorageVersion, out var written) => written,
        // Without the field it is one that etcd 3.5 opens, if it has what 3.5 introduced.
        _ => report is { StorageVersion: null, Term: not null } ? new EtcdVersion(3, 5, 0) : null,
    };

    /// <summary>The same after the object was read whole.</summary>
    /// <param name="verification">The result.</param>
    /// <param name="objectTag">The tag of the object that was read.</param>
    /// <param name="storedSize">Its bytes.</param>
    public BackupMetadata ReadAs(Verification verification, string objectTag, long storedSize) =>
        this with { Verification = verification, ObjectTag = objectTag, StoredSize = storedSize };

    /// <summary>The same without the snapshot part: small enough to be kept in memory for every backup.</summary>
    public BackupMetadata WithoutSnapshot() => this with { Snapshot = null };

    /// <summary>The backup that a document of this name belongs to; false if it is not metadata of a backup.</summary>
    public static bool TryNameOf(string document, out BackupName backup)
    {
        backup = default;
        return document.EndsWith(Extension, StringComparison.Ordinal) && BackupName.TryParse(document[..^Extension.Length], out backup);
    }

    /// <summary>Writes the JSON document.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Options);

    /// <summary>Whether a document has a format that this build does not know yet.</summary>
    public static bool IsNewer(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("format", out var format) &&
                format.TryGetInt64(out var number) && number > CurrentFormat;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // damaged, not newer
            return false;
        }
    }

    /// <summary>Reads the JSON document of a backup.</summary>
    /// <exception cref="FormatException">It is damaged, of another backup, or of a newer format; the message says which.</exception>
    public static BackupMetadata FromJson(ReadOnlySpan<byte> json, BackupName backup)
    {
        try
        {
            var metadata = JsonSerializer.Deserialize<BackupMetadata>(json, Options) ?? throw new FormatException("the metadata is 'null'");
            return metadata.Format is >= 1 and <= CurrentFormat
                ? metadata.Checked(backup)
                : throw new FormatException(
                    $"the metadata has format {metadata.Format}, and this build knows up to {CurrentFormat}: use a newer build");
        }
        catch (JsonException e)
        {
            throw new FormatException($"the metadata is damaged: {e.Message}", e);
        }
    }

    // A field that the JSON leaves out would be null here, against its type.
    private BackupMetadata Checked(BackupName backup)
    {
        if (Position.ClusterId is null || Lineage.ClusterId is null || Lineage.Tag is null)
        {
            throw new FormatException("the metadata is damaged: position or lineage lacks a field");
        }

        if (Name != backup)
        {
            throw new FormatException($"the metadata is that of another backup, '{Name}'");
        }

        if (Sha256 != "" && (Sha256.Length != 64 || !Sha256.All(char.IsAsciiHexDigitLower)))
        {
            throw new FormatException($"the metadata is damaged: '{Sha256}' is no SHA-256");
        }

        return Rebuilt || (Name.Revision == Revision && Name.Version == Version)
            ? this
            : throw new FormatException($"the metadata is damaged: it says revision {Revision} of version {Version}, and is of '{Name}'");
    }
}
