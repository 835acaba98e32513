namespace EtcdBackup.Host.Notifying.Sending;

/// <summary>A text that a setting or the file that it names holds. The file is read each time, so a renewed one needs no restart.</summary>
/// <param name="Setting">The setting, for messages.</param>
/// <param name="Text">The text; empty: it is in the file.</param>
/// <param name="File">The file; empty: there is none.</param>
internal sealed record SecretText(string Setting, string Text, string File)
{
    // Nothing that belongs here is longer, and a wrong file may be.
    private const int LongestFile = 64 * 1024;

    /// <summary>Whether there is one.</summary>
    public bool IsSet => Text != "" || File != "";

    /// <summary>Reads it.</summary>
    /// <exception cref="IOException">The file cannot be read, or holds nothing of use.</exception>
    public string Read()
    {
        if (File == "")
        {
            return Text;
        }

        try
        {
            if (new FileInfo(File).Length > LongestFile)
            {
                throw new IOException($"it has more than {LongestFile} bytes");
            }

            var text = System.IO.File.ReadAllText(File).Trim();
            return text != "" ? text : throw new IOException("it is empty");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{Setting} '{File}' cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Reads a URL.</summary>
    /// <exception cref="IOException">The file cannot be read, or holds none.</exception>
    public Uri ReadUrl() => TryParse(Read(), out var url) ? url
        : throw new IOException($"{Setting} '{File}' holds no URL: write https://HOST/… and nothing else into it");

    /// <summary>Reads an HTTP URL without a password in it.</summary>
    public static bool TryParse(string text, out Uri url) =>
        Uri.TryCreate(text, UriKind.Absolute, out url!) && url.Scheme is ("http" or "https") && url.UserInfo == "" && url.Host != "";

    // A record would write its text into any message that has it.
    /// <inheritdoc/>
    public override string ToString() => Setting;
}
