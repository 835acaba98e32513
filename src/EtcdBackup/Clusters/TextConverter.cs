using System.Text.Json;
using System.Text.Json.Serialization;

namespace EtcdBackup.Clusters;

/// <summary>Writes a value as its text in JSON, and reads it back; a text that does not parse is a <see cref="JsonException"/>.</summary>
/// <typeparam name="T">A type whose <c>ToString</c> is its canonical text.</typeparam>
internal abstract class TextConverter<T>(Func<string, T> parse) : JsonConverter<T>
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.GetString() ?? "";
        try
        {
            return parse(text);
        }
        catch (FormatException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value?.ToString());
}
