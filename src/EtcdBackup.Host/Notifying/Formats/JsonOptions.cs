using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EtcdBackup.Host.Notifying.Formats;

/// <summary>How all messages are written.</summary>
internal static class JsonOptions
{
    /// <summary>JSON as people read it in a log: an apostrophe stays one. No browser takes it for HTML.</summary>
    public static JsonSerializerOptions Readable { get; } = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
