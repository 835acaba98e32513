using System.Runtime.CompilerServices;
using EtcdBackup.Catalog;
using EtcdBackup.ChangeLog;
using EtcdBackup.Clusters;

namespace EtcdBackup.Simulation;

/// <summary>A cluster with its etcd and its store.</summary>
internal sealed class Subject(World world, string name)
{
    // What is looked at after every step is read once.
    private readonly Dictionary<string, BackupName?> _names = [];
    private readonly ConditionalWeakTable<byte[], BackupMetadata> _documents = [];

    public ClusterKey Key { get; } = new("default", name);

    public SimEtcd Etcd { get; } = new(world, world.Chance(0.5) ? 3 : 1, world.Chance(0.5), world.Chance(0.5));

    public SimStore Store { get; } = new(world);

    /// <summary>The name of its bucket: clusters of one bucket share slots.</summary>
    public string Bucket { get; set; } = name;

    /// <summary>Whether its changes are recorded.</summary>
    public bool HasLog { get; init; }

    /// <summary>What the newest configuration says of it, or one before.</summary>
    public ClusterSpec Spec { get; set; } = null!;

    /// <summary>Whether the newest configuration names it.</summary>
    public bool IsNamed { get; set; }

    /// <summary>Keys that a fault, and not the service, took or spoiled.</summary>
    public HashSet<string> Harmed { get; } = [];

    /// <summary>When a fault last did so.</summary>
    public TimeSpan HarmedAt { get; private set; } = TimeSpan.MinValue;

    public string Folder => $"v1/{Key.Namespace}/{Key.Name}/";

    /// <summary>The key of an object of its change log.</summary>
    public string LogKeyOf(string name) => $"{Folder}{LogStore.FolderName}/{name}";

    /// <summary>The names of what its change log has in the store.</summary>
    public IEnumerable<string> LogNames => Store.Objects.Keys.Where(k => k.StartsWith(LogKeyOf(""), StringComparison.Ordinal))
        .Select(k => k[LogKeyOf("").Length..]);

    /// <summary>The backups in the store, with the truth about them.</summary>
    public IEnumerable<(BackupName Name, string Key, SimObject Object)> Backups()
    {
        foreach (var (key, found) in Store.Objects)
        {
            if (NameOf(key) is { } backup)
            {
                yield return (backup, key, found);
            }
        }
    }

    /// <summary>What the document of a backup says, or said before it rotted; null when it says nothing.</summary>
    public BackupMetadata? MetadataOf(string key, bool beforeRot)
    {
        try
        {
            if (!Store.Objects.TryGetValue(key + BackupMetadata.Extension, out var document))
            {
                return null;
            }

            var json = beforeRot ? document.Before ?? document.Bytes : document.Bytes;
            return _documents.GetValue(json, j => BackupMetadata.FromJson(j, BackupName.Parse(key[Folder.Length..])));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public ClusterSpec SpecOf(int maxBackups, bool autoDelete) => new()
    {
        Key = Key,
        Endpoints = [.. Etcd.Members.Select(m => m.Endpoint)],
        Backup = new BackupSpec
        {
            BackupIntervalInSecond = (int)History.Interval.TotalSeconds,
            MaxBackups = maxBackups,
            AutoDelete = autoDelete,
            StorageType = StorageType.S3,
            S3 = new S3Spec { S3Bucket = Bucket },
            Retention = new RetentionSpec { KeepEarlierLineages = "30m" },
            Log = HasLog ? new LogSpec { Enabled = true } : null,
        },
    };

    public BackupName? Pick(int which)
    {
        var all = Backups().Select(b => b.Name).ToArray();
        return all.Length == 0 ? null : all[which % all.Length];
    }

    /// <summary>What one of the newest backups holds, to restore it.</summary>
    public Content? Contents(int newest)
    {
        var sound = Backups().Where(b => !b.Object.IsRotten).OrderByDescending(b => b.Object.At).Take(newest).ToArray();
        return sound.Length == 0 ? null : sound[world.Random.Next(sound.Length)].Object.Content;
    }

    private BackupName? NameOf(string key)
    {
        if (!_names.TryGetValue(key, out var name))
        {
            _names[key] = name = BackupName.TryParse(key[Folder.Length..], out var found) ? found : null;
        }

        return name;
    }

    private void HarmLog(int which, bool isLost)
    {
        var keys = LogNames.Select(LogKeyOf).ToArray();
        if (keys.Length > 0 && isLost)
        {
            Store.Lose(keys[which % keys.Length]);
        }
        else if (keys.Length > 0)
        {
            Store.Rot(keys[which % keys.Length]);
        }
    }

    /// <summary>Lets an object rot, or vanish.</summary>
    public void Harm(int which, bool isDocument, bool isLost)
    {
        if (HasLog && which % 5 == 4 && !isDocument)
        {
            HarmLog(which / 5, isLost);
            return;
        }

        var keys = Backups().Select(b => b.Key + (isDocument ? BackupMetadata.Extension : "")).Where(Store.Objects.ContainsKey).ToArray();
        if (keys.Length == 0)
        {
            return;
        }

        // The newest is what matters most.
        var key = which % 2 == 0 ? keys[which % keys.Length] : keys.MaxBy(k => Store.Objects[k].At)!;
        HarmedAt = world.Elapsed;
        Harmed.Add(isDocument ? key[..^BackupMetadata.Extension.Length] : key);
        if (isLost)
        {
            Store.Lose(key);
        }
        else if (!isDocument && which % 3 == 0)
        {
            Store.WriteOver(key);
        }
        else
        {
            Store.Rot(key);
        }
    }
}
