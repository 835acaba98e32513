namespace EtcdBackup.Catalog;

/// <summary>The result of reading a stored backup back.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Sound">Whether it is sound.</param>
/// <param name="Problem">What is wrong; null if it is sound.</param>
public sealed record Verification(DateTimeOffset At, bool Sound, string? Problem);
