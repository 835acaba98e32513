using System.Text.Json;
using System.Text.Json.Serialization;

namespace EtcdBackup.Cli.Commands;

/// <summary>How lists of documents are written, made at build time: nothing is found out at each start.</summary>
[JsonSerializable(typeof(List<JsonElement>))]
internal sealed partial class CliJson : JsonSerializerContext;
