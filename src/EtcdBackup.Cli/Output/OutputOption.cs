using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EtcdBackup.Cli.Output;

/// <summary>The option <c>-o</c>, or <c>--format</c>: how a result is written.</summary>
internal sealed class OutputOption : Option<OutputFormat>
{
    // No browser reads it: a plus sign is a plus sign.
    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Screen _screen;

    private OutputOption(Screen screen, string name, params string[] aliases)
        : base(name, aliases)
    {
        _screen = screen;
        Description = "table, json (what the service answered, or what is in the file), or name.";
    }

    /// <summary>Adds it to a command.</summary>
    public static OutputOption AddTo(Command command, Screen screen)
    {
        var option = new OutputOption(screen, "--output", "-o");
        command.Options.Add(option);
        return option;
    }

    /// <summary>Adds it as <c>--format</c> to a command whose <c>-o</c> is a file.</summary>
    public static OutputOption AddAsFormatTo(Command command, Screen screen)
    {
        var option = new OutputOption(screen, "--format");
        command.Options.Add(option);
        return option;
    }

    /// <summary>Writes a result.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="answer">What the service answered.</param>
    /// <param name="names">Names in it.</param>
    /// <param name="show">Writes it for people.</param>
    public void Write(ParseResult parsed, JsonElement answer, Func<IEnumerable<string>> names, Action show)
    {
        switch (parsed.GetValue(this))
        {
            case OutputFormat.Json:
                _screen.Out.WriteLine(Indented(answer));
                break;
            case OutputFormat.Name:
                foreach (var name in names())
                {
                    _screen.Out.WriteLine(name);
                }

                break;
            default:
                show();
                break;
        }
    }

    private static string Indented(JsonElement element)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Readable))
        {
            element.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
