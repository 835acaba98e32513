using System.Text.Json.Serialization;

namespace EtcdBackup.Cli.Inspecting;

/// <summary>
/// How reports of local files are written. A context of its own: with that of the other commands, each of them would load what reads files.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FileReport))]
[JsonSerializable(typeof(FileVerification))]
[JsonSerializable(typeof(FileCut))]
internal sealed partial class FileJson : JsonSerializerContext;
