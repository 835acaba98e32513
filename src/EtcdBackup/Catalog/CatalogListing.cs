using EtcdBackup.Stores;

namespace EtcdBackup.Catalog;

/// <summary>What a listing of a cluster's folder found.</summary>
/// <param name="Entries">The backups, newest first.</param>
/// <param name="Others">All other objects: documents, quarantined files, foreign ones.</param>
public sealed record CatalogListing(IReadOnlyList<BackupEntry> Entries, IReadOnlyCollection<StoredObject> Others);
