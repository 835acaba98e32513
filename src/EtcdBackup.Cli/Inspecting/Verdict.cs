namespace EtcdBackup.Cli.Inspecting;

/// <summary>A verdict.</summary>
/// <param name="Sound">Whether it is sound.</param>
/// <param name="Problem">Why not.</param>
internal sealed record Verdict(bool Sound, string? Problem);
