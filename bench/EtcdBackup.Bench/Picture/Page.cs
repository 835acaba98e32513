using System.Net;
using System.Text;

namespace EtcdBackup.Bench.Picture;

/// <summary>The page: panels where the dashboard has them.</summary>
/// <param name="title">The dashboard's title.</param>
internal sealed class Page(string title)
{
    private const int Column = 66, Row = 29, Gap = 8, Head = 56, TitleHeight = 30;

    private const string Style = """
        * { box-sizing: border-box } body { margin: 0; background: #101216; color: #d5d8de; font: 13px "DejaVu Sans", sans-serif }
        h1 { position: absolute; left: 16px; top: 14px; margin: 0; font-size: 19px; font-weight: 600 }
        h1 small { font-size: 13px; font-weight: 400; color: #8b919c; margin-left: 14px }
        .panel { position: absolute; background: #191c22; border: 1px solid #2a2e37; border-radius: 4px; overflow: hidden }
        .panel h2 { margin: 0; padding: 8px 12px 0; height: 30px; font-size: 13px; font-weight: 600; white-space: nowrap }
        .rule { stroke: #2a2e37 } .axis { fill: #9aa0ab; font-size: 11px }
        path { fill: none; stroke-width: 1.6; stroke-linejoin: round }
        .legend { padding: 0 12px; font-size: 11.5px; line-height: 18px; color: #b9bec8 }
        .legend span { margin-right: 14px; white-space: nowrap }
        .legend i { display: inline-block; width: 12px; height: 3px; margin: 0 6px 3px 0; border-radius: 2px }
        .stat { display: flex; gap: 4px; padding: 2px 8px 8px }
        .stat div { flex: 1; text-align: center; border-radius: 3px; color: #fff }
        .stat small { display: block; padding-top: 6px; font-size: 11.5px } .stat b { display: block; font-size: 26px; line-height: 40px }
        .green { background: #2b7a4b } .orange { background: #c27a1c } .red { background: #bb3348 }
        table { width: calc(100% - 16px); margin: 4px 8px; border-collapse: collapse } th, td { text-align: left; padding: 5px 8px }
        th { color: #7fb2f0; font-weight: 600; border-bottom: 1px solid #2a2e37 } td { border-bottom: 1px solid #22262e }
        td b { display: inline-block; min-width: 64px; padding: 1px 8px; border-radius: 3px; color: #fff; text-align: right }
        """;

    private readonly StringBuilder _panels = new();
    private int _rows;
    private string _span = "";

    /// <summary>Width and height, as a browser takes them.</summary>
    public string Size => $"{(24 * Column) + (2 * Gap)},{Head + (_rows * Row) + Gap}";

    public string Html => $"""
        <!doctype html><meta charset="utf-8"><title>{Coded(title)}</title><style>{Style}</style>
        <h1>{Coded(title)}<small>{_span}</small></h1>{_panels}
        """;

    public void Add(Panel panel, IReadOnlyList<Series> answers, DateTimeOffset from, DateTimeOffset to)
    {
        var (x, y, columns, rows) = panel.Place;
        var (width, height) = ((columns * Column) - Gap, (rows * Row) - Gap);
        _rows = Math.Max(_rows, y + rows);
        _span = $"{from:yyyy-MM-dd HH:mm} to {to:HH:mm} UTC";
        var content = panel.Type switch
        {
            "stat" => Stat(panel, answers, height - TitleHeight - 8),
            "table" => Table(panel, answers),
            "timeseries" => Plot.Of(answers, panel.Unit, width - 2, height - TitleHeight - 6, from, to),
            _ => throw new InvalidOperationException($"'{panel.Title}' is a {panel.Type}, and nothing here draws that"),
        };
        _panels.AppendLine($"""
            <div class="panel" style="left:{(x * Column) + Gap}px;top:{Head + (y * Row)}px;width:{width}px;height:{height}px">
            <h2>{Coded(panel.Title)}</h2>{content}</div>
            """);
    }

    private static string Stat(Panel panel, IReadOnlyList<Series> answers, int height)
    {
        var tiles = answers.Select(s => $"""
            <div class="{panel.ColorOf(s.Last)}" style="height:{height}px"><small>{Coded(s.Name)}&nbsp;</small>
            <b>{Number.Of(s.Last, panel.Unit)}</b></div>
            """);
        return $"""<div class="stat">{string.Concat(tiles)}</div>""";
    }

    private static string Table(Panel panel, IReadOnlyList<Series> answers)
    {
        var labels = answers.SelectMany(a => a.Labels.EnumerateObject().Select(l => l.Name)).Distinct()
            .OrderByDescending(l => l == "namespace").ToArray();
        var rows = answers.OrderByDescending(a => a.Last).Select(a => $"""
            <tr>{string.Concat(labels.Select(l => $"<td>{(a.Labels.TryGetProperty(l, out var v) ? Coded(v.GetString()!) : "")}</td>"))}
            <td><b class="{panel.ColorOf(a.Last)}">{Number.Of(a.Last, panel.Unit)}</b></td></tr>
            """);
        return $"""
            <table><tr>{string.Concat(labels.Append(panel.ValueName).Select(l => $"<th>{Coded(l)}</th>"))}</tr>{string.Concat(rows)}</table>
            """;
    }

    private static string Coded(string text) => WebUtility.HtmlEncode(text);
}
