using System.Text.Json.Nodes;

namespace EtcdBackup.Bench.Picture;

/// <summary>What the dashboard's JSON says of one panel.</summary>
/// <param name="json">The panel.</param>
internal sealed class Panel(JsonNode json)
{
    public string Type => json["type"]!.GetValue<string>();

    public string Title => json["title"]!.GetValue<string>();

    public string Unit => Defaults["unit"]?.GetValue<string>() ?? "short";

    /// <summary>The columns of 24 and the rows that it covers.</summary>
    public (int X, int Y, int Width, int Height) Place => (Grid("x"), Grid("y"), Grid("w"), Grid("h"));

    /// <summary>The query, the legend, and whether only its present value is asked for.</summary>
    public IEnumerable<(string Query, string Legend, bool IsInstant)> Queries => json["targets"]!.AsArray().Select(t => (
        t!["expr"]!.GetValue<string>(), t["legendFormat"]!.GetValue<string>(), t["instant"]!.GetValue<bool>()));

    /// <summary>What a table calls its value.</summary>
    public string ValueName => json["transformations"]?.AsArray().Select(t => t!["options"]?["renameByName"]?["Value"]?.GetValue<string>())
        .FirstOrDefault(n => n is not null) ?? "Value";

    private JsonNode Defaults => json["fieldConfig"]!["defaults"]!;

    /// <summary>The colour of a value: that of the highest step that it reaches.</summary>
    public string ColorOf(double value) => Defaults["thresholds"]!["steps"]!.AsArray()
        .Last(s => s!["value"] is not { } at || value >= at.GetValue<double>())!["color"]!.GetValue<string>();

    private int Grid(string key) => json["gridPos"]![key]!.GetValue<int>();
}
