using System.Text.Json;
using System.Text.Json.Serialization;
using EtcdBackup.Catalog;

namespace EtcdBackup.Kubernetes.Resources;

/// <summary>The status of a resource's backups: with the names of the HTTP contract, and conditions as Kubernetes has them.</summary>
/// <remarks>A field that was once written is never left out or empty later: applying that, Kubernetes 1.20 writes null where a string or
/// an object must be, and refuses its own result.</remarks>
internal sealed record BackupResourceStatus
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>In one word, for lists: Ready, Failing, Invalid, Pending, Disabled.</summary>
    public string State { get; init; } = "Pending";

    /// <summary>What is wrong, or that all is well, in one sentence.</summary>
    public string Message { get; init; } = "";

    /// <summary>The generation of the spec that this status is about.</summary>
    public long ObservedGeneration { get; init; }

    /// <summary>The latest backup.</summary>
    public BackupStatus? RecentBackup { get; init; }

    /// <summary>How many there are.</summary>
    public int Backups { get; init; }

    /// <summary>Their size in MB.</summary>
    public double BackupSize { get; init; }

    /// <summary>What its change log makes recoverable; null if it never had one.</summary>
    public RecoverableStatus? Recoverable { get; init; }

    /// <summary>Ready, BackupSucceeded, Verified.</summary>
    public IReadOnlyList<Condition> Conditions { get; init; } = [];

    /// <summary>The condition of a type.</summary>
    public Condition? Find(string type) => Conditions.FirstOrDefault(c => c.Type == type);

    /// <summary>Reads it; null if there is none, or if it is not one of ours.</summary>
    public static BackupResourceStatus? Read(JsonElement json)
    {
        try
        {
            return json.ValueKind == JsonValueKind.Object ? json.Deserialize<BackupResourceStatus>(Json) : null;
        }
        catch (JsonException)
        {
            // It is somebody else's: ours replaces it.
            return null;
        }
    }

    /// <summary>Whether both are equal apart from their times.</summary>
    public bool SaysTheSame(BackupResourceStatus? other) =>
        other is not null && JsonSerializer.Serialize(Timeless(), Json) == JsonSerializer.Serialize(other.Timeless(), Json);

    private BackupResourceStatus Timeless() => this with
    {
        Conditions = [.. Conditions.Select(c => c with { LastTransitionTime = default })],
        Recoverable = Recoverable?.Still(),
    };
}
