namespace EtcdBackup.Catalog;

/// <summary>One reading of a stored backup.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Sound">Whether all is as it should be.</param>
/// <param name="Problem">What is wrong; null when nothing is.</param>
public sealed record Verification(DateTimeOffset At, bool Sound, string? Problem);
