using System.Globalization;

namespace EtcdBackup.Bench.Picture;

/// <summary>Numbers as people read them, by the units that Grafana has.</summary>
internal static class Number
{
    private static readonly string[] Bytes = ["B", "KiB", "MiB", "GiB", "TiB"];

    public static double Parse(string value) => double.Parse(value, CultureInfo.InvariantCulture);

    public static string Of(double value, string unit) => unit switch
    {
        "s" => Time(value),
        "bytes" => Binary(value),
        "ops" => Short(value) + "/s",
        _ => Short(value),
    };

    /// <summary>Round numbers from 0 that a plot is ruled at; the last is not below the largest value.</summary>
    public static IReadOnlyList<double> Rules(double largest, string unit)
    {
        var factor = unit switch
        {
            "bytes" => Math.Pow(1024, Math.Floor(Math.Log(Math.Max(1, largest), 1024))),
            "s" when largest >= 7200 => 3600,
            "s" when largest >= 120 => 60,
            _ => 1,
        };
        var rough = Math.Max(largest, 1e-9) / factor / 4;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = new[] { 1, 2, 2.5, 5, 10 }.First(m => m * power >= rough * 0.999) * power * factor;
        return [.. Enumerable.Range(0, (int)Math.Ceiling(largest / step * 0.999) + 1).Select(i => i * step)];
    }

    private static string Time(double seconds) => Math.Abs(seconds) switch
    {
        0 => "0 s",
        < 1 => Short(seconds * 1000) + " ms",
        < 120 => Short(seconds) + " s",
        < 7200 => Short(seconds / 60) + " min",
        _ => Short(seconds / 3600) + " h",
    };

    private static string Binary(double value)
    {
        var power = value < 1 ? 0 : Math.Min(Bytes.Length - 1, (int)Math.Log(value, 1024));
        return $"{Short(value / Math.Pow(1024, power))} {Bytes[power]}";
    }

    private static string Short(double value) =>
        double.IsNaN(value) ? "–" : value.ToString(Math.Abs(value) < 1 ? "0.###" : Math.Abs(value) < 100 ? "0.##" : "0",
            CultureInfo.InvariantCulture);
}
