using System.Globalization;
using System.Text.Json;

namespace EtcdBackup.Cli.Output;

/// <summary>Words for the values of a document.</summary>
internal static class Say
{
    /// <summary>A field as text; <c>-</c> if it is absent.</summary>
    public static string Text(this JsonElement element, string field) => !element.TryGetProperty(field, out var value) ? "-"
        : value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    /// <summary>A field that is a moment; null if it is absent.</summary>
    public static DateTimeOffset? Time(this JsonElement element, string field) =>
        element.TryGetProperty(field, out var value) ? value.GetDateTimeOffset() : null;

    /// <summary>A field that is a list; empty if it is absent.</summary>
    public static IReadOnlyList<JsonElement> List(this JsonElement element, string field) =>
        element.TryGetProperty(field, out var value) ? [.. value.EnumerateArray()] : [];

    /// <summary>A field that is a number; 0 if it is absent.</summary>
    public static double Number(this JsonElement element, string field) =>
        element.TryGetProperty(field, out var value) ? value.GetDouble() : 0;

    /// <summary>How long ago a field's moment is, or how long until then; null if it is absent.</summary>
    public static string? Age(this JsonElement element, string field)
    {
        var now = DateTimeOffset.UtcNow;
        return element.Time(field) is not { } then ? null : then > now ? $"in {Span(then - now)}" : $"{Span(now - then)} ago";
    }

    /// <summary>How far a running backup is.</summary>
    public static string Progress(JsonElement running) =>
        $"{running.Text("stage")}, {Megabytes(running.Number("bytes") / 1_048_576)}" +
            (running.Number("expectedBytes") is > 0 and var all ? $" of {Megabytes(all / 1_048_576)}" : "");

    /// <summary>A time span in its two largest units.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 60 } => Invariant($"{(int)span.TotalSeconds}s"),
        { TotalMinutes: < 60 } => Invariant($"{(int)span.TotalMinutes}m{span.Seconds}s"),
        { TotalHours: < 24 } => Invariant($"{(int)span.TotalHours}h{span.Minutes}m"),
        _ => Invariant($"{(int)span.TotalDays}d{span.Hours}h"),
    };

    /// <summary>Megabytes (1 048 576 bytes).</summary>
    public static string Megabytes(double megabytes) => Invariant($"{megabytes:0.###} MB");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
