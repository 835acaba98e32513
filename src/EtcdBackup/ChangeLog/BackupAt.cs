using EtcdBackup.Catalog;

namespace EtcdBackup.ChangeLog;

/// <summary>The backup of a moment: one that was taken at its revision, or one that was made for it.</summary>
/// <param name="Taken">The one that was taken; null if none was.</param>
/// <param name="Made">The one that was made; null if there is one that was taken.</param>
public sealed record BackupAt(BackupName? Taken, MadeBackup? Made);
