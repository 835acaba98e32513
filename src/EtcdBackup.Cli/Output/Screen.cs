using Spectre.Console;

namespace EtcdBackup.Cli.Output;

/// <summary>Where results go, and what is said beside them. Colour and progress are for a terminal only.</summary>
internal sealed class Screen
{
    // Lines stay whole: a name that is broken in two can neither be read nor copied.
    private const int Endless = 10_000;

    private readonly IAnsiConsole _console;

    private Screen(TextWriter output, TextWriter error, bool isTerminal, bool talks)
    {
        (Out, Error, Talks) = (output, error, talks);
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = InteractionSupport.No,
        });
        _console.Profile.Width = Endless;
        Progress = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
    }

    /// <summary>Results.</summary>
    public TextWriter Out { get; }

    /// <summary>Errors and progress.</summary>
    public TextWriter Error { get; }

    /// <summary>Whether somebody sees progress, and can be asked.</summary>
    public bool Talks { get; }

    /// <summary>Shows progress.</summary>
    public IAnsiConsole Progress { get; }

    /// <summary>The console of this process.</summary>
    public static Screen OfConsole() => new(
        Console.Out, Console.Error, !Console.IsOutputRedirected, !Console.IsErrorRedirected && !Console.IsInputRedirected);

    /// <summary>Writes a table: names of columns, then rows. A row's color is a Spectre color, or none.</summary>
    public void Table(IReadOnlyList<string> columns, IEnumerable<(string? Color, string[] Cells)> rows)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column)) { Padding = new Padding(0, 0, 3, 0), NoWrap = true });
        }

        foreach (var (color, cells) in rows)
        {
            table.AddRow(cells.Select(c => new Text(c, color is null ? Style.Plain : Style.Parse(color))));
        }

        Write(table);
    }

    /// <summary>Writes names and values, a line each.</summary>
    public void Pairs(IEnumerable<(string Name, string Value)> pairs)
    {
        var grid = new Grid().AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 3, 0) }).AddColumn();
        foreach (var (name, value) in pairs)
        {
            grid.AddRow(new Text(name), new Text(value));
        }

        Write(grid);
    }

    // Padding at the end of a line is nobody's: it would be in the way of 'awk' and of a comparison.
    private void Write(Spectre.Console.Rendering.IRenderable what)
    {
        if (_console.Profile.Capabilities.Ansi)
        {
            _console.Write(what);
            return;
        }

        var text = new StringWriter();
        var plain = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No });
        plain.Profile.Width = Endless;
        plain.Write(what);
        foreach (var line in text.ToString().TrimEnd().Split('\n'))
        {
            Out.WriteLine(line.TrimEnd());
        }
    }
}
