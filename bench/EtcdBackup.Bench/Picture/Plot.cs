using System.Globalization;
using System.Net;
using System.Text;

namespace EtcdBackup.Bench.Picture;

/// <summary>Draws lines over time, with their names below.</summary>
internal static class Plot
{
    private const int Left = 62, Right = 12, Top = 8, Bottom = 22, LegendRow = 18;

    private static readonly string[] Colors =
        ["#5ec98f", "#f0b940", "#5aa5f2", "#ef7d54", "#e0567a", "#a78bea", "#4fc4cf", "#c3d05a", "#d68fd6", "#8f9bb0"];

    public static string Of(IReadOnlyList<Series> all, string unit, int width, int height, DateTimeOffset from, DateTimeOffset to)
    {
        var shown = all.Where(s => s.Points.Any(p => double.IsFinite(p.Value))).ToArray();
        var legend = Legend(shown, width);
        var bottom = height - Bottom - (legend.Rows * LegendRow);
        var largest = shown.SelectMany(s => s.Points).Select(p => p.Value).Where(double.IsFinite).Append(0).Max();
        var rules = Number.Rules(largest <= 0 ? 1 : largest, unit);
        var svg = new StringBuilder(Text($"""<svg width="{width}" height="{height - (legend.Rows * LegendRow)}">"""));
        double X(DateTimeOffset at) => Left + ((at - from) / (to - from) * (width - Left - Right));
        double Y(double value) => bottom - (value / rules[^1] * (bottom - Top));
        foreach (var rule in rules)
        {
            svg.Append(Text($"""<line class="rule" x1="{Left}" x2="{width - Right}" y1="{Y(rule):0.0}" y2="{Y(rule):0.0}"/>"""))
                .Append(Text($"""<text class="axis" x="{Left - 8}" y="{Y(rule) + 4:0.0}" text-anchor="end">"""))
                .Append(Number.Of(rule, unit)).Append("</text>");
        }

        foreach (var minute in Minutes(from, to))
        {
            svg.Append(Text($"""<line class="rule" x1="{X(minute):0.0}" x2="{X(minute):0.0}" y1="{Top}" y2="{bottom}"/>"""))
                .Append(Text($"""<text class="axis" x="{X(minute):0.0}" y="{bottom + 16}" text-anchor="middle">{minute:HH:mm}</text>"""));
        }

        for (var i = 0; i < shown.Length; i++)
        {
            svg.Append(Text($"""<path d="{Path(shown[i], X, Y)}" stroke="{Colors[i % Colors.Length]}"/>"""));
        }

        return svg.Append("</svg>").Append(legend.Html).ToString();
    }

    // A line has a gap where a series was not told.
    private static string Path(Series series, Func<DateTimeOffset, double> x, Func<double, double> y)
    {
        var path = new StringBuilder();
        DateTimeOffset? before = null;
        foreach (var (at, value) in series.Points.Where(p => double.IsFinite(p.Value)))
        {
            path.Append(Text($"{(at - before < TimeSpan.FromSeconds(10) ? 'L' : 'M')}{x(at):0.0} {y(value):0.0}"));
            before = at;
        }

        return path.ToString();
    }

    private static (string Html, int Rows) Legend(Series[] shown, int width)
    {
        const int LetterWidth = 7, MarkWidth = 30;
        var (rows, used, html) = (1, 0, new StringBuilder("""<div class="legend">"""));
        for (var i = 0; i < shown.Length; i++)
        {
            var wide = (shown[i].Name.Length * LetterWidth) + MarkWidth;
            (rows, used) = used + wide > width - Left ? (rows + 1, wide) : (rows, used + wide);
            html.Append(Text($"""<span><i style="background:{Colors[i % Colors.Length]}"></i>"""))
                .Append(WebUtility.HtmlEncode(shown[i].Name)).Append("</span>");
        }

        return (html.Append("</div>").ToString(), rows);
    }

    private static IEnumerable<DateTimeOffset> Minutes(DateTimeOffset from, DateTimeOffset to)
    {
        var every = TimeSpan.FromMinutes(Math.Max(1, Math.Round((to - from).TotalMinutes / 6)));
        for (var at = new DateTimeOffset((from.Ticks / every.Ticks + 1) * every.Ticks, TimeSpan.Zero); at < to; at += every)
        {
            yield return at;
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
