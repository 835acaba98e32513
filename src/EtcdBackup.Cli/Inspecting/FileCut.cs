using EtcdBackup.Snapshots.Making;

namespace EtcdBackup.Cli.Inspecting;

/// <summary>What was cut from a local file.</summary>
/// <param name="File">Its path, as it was named.</param>
/// <param name="Out">The new file.</param>
/// <param name="Cut">What is in it, and what is not.</param>
internal sealed record FileCut(string File, string Out, MadeReport Cut);
