using System.Text.Json;
using System.Text.Json.Serialization;
using EtcdBackup.Catalog;

namespace EtcdBackup.Kubernetes.Resources;

/// <summary>What we tell of a resource's backups: the names of the HTTP contract, and conditions as Kubernetes has them.</summary>
/// <remarks>What was told once is never left out, nor empty: applying that, Kubernetes 1.20 puts null where a text or an object must be,
/// and refuses its own work.</remarks>
internal sealed record BackupResourceStatus
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>In one word, for lists: Ready, Failing, Invalid, Pending, Disabled.</summary>
    public string State { get; init; } = "Pending";

    /// <summary>What is wrong, or that nothing is, in one sentence.</summary>
    public string Message { get; init; } = "";

    /// <summary>The generation of the spec that this speaks of.</summary>
    public long ObservedGeneration { get; init; }

    /// <summary>The latest backup.</summary>
    public BackupStatus? RecentBackup { get; init; }

    /// <summary>How many there are.</summary>
    public int Backups { get; init; }

    /// <summary>Their size in MB.</summary>
    public double BackupSize { get; init; }

    /// <summary>Ready, BackupSucceeded, Verified.</summary>
    public IReadOnlyList<Condition> Conditions { get; init; } = [];

    /// <summary>The condition of a type.</summary>
    public Condition? Find(string type) => Conditions.FirstOrDefault(c => c.Type == type);

    /// <summary>Reads it; null when there is none, or it is no status of ours.</summary>
    public static BackupResourceStatus? Read(JsonElement json)
    {
        try
        {
            return json.ValueKind == JsonValueKind.Object ? json.Deserialize<BackupResourceStatus>(Json) : null;
        }
        catch (JsonException)
        {
            // Somebody else's: ours replaces it.
            return null;
        }
    }

    /// <summary>Whether both say the same, whenever it was that they came to say it.</summary>
    public bool SaysTheSame(BackupResourceStatus? other) =>
        other is not null && JsonSerializer.Serialize(Timeless(), Json) == JsonSerializer.Serialize(other.Timeless(), Json);

    private BackupResourceStatus Timeless() =>
        this with { Conditions = [.. Conditions.Select(c => c with { LastTransitionTime = default })] };
}
