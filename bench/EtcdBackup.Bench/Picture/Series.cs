using System.Text.Json;
using System.Text.RegularExpressions;

namespace EtcdBackup.Bench.Picture;

/// <summary>One answer of a query: a line of a plot, a row of a table, or a number.</summary>
/// <param name="Labels">What Prometheus knows it by.</param>
/// <param name="Legend">How the dashboard wants it called, such as <c>{{name}}</c>.</param>
/// <param name="Points">Its values over time.</param>
internal sealed partial record Series(JsonElement Labels, string Legend, IReadOnlyList<(DateTimeOffset At, double Value)> Points)
{
    public string Name => Legend == "__auto" ? "" : LabelOf().Replace(
        Legend, m => Labels.TryGetProperty(m.Groups["label"].Value, out var value) ? value.GetString()! : "");

    public double Last => Points[^1].Value;

    [GeneratedRegex(@"\{\{\s*(?<label>\w+)\s*\}\}")]
    private static partial Regex LabelOf();
}
