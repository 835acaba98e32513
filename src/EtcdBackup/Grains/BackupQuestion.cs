using EtcdBackup.Catalog;
using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>The backup that is asked for: by name, else by version and revision, else the latest.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version of the cluster that it was taken from.</param>
/// <param name="Revision">The revision in it.</param>
public sealed record BackupQuestion(BackupName? Name = null, EtcdVersion? Version = null, long? Revision = null)
{
    /// <summary>Finds it.</summary>
    internal BackupEntry? Find(Upkeep.StoredView view) => this switch
    {
        { Name: { } name } => view.Find(name),
        { Version: { } version, Revision: { } revision } => BackupOrder.At(view.Entries, version, revision),
        _ => view.Latest,
    };
}
