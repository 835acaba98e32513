using EtcdBackup.Tls;

namespace EtcdBackup.Host.Configuration;

/// <summary>Reads the files that settings for TLS name.</summary>
internal static class PemSetting
{
    /// <summary>Reads a file as it is now.</summary>
    /// <param name="section">The section of the settings.</param>
    /// <param name="setting">The setting.</param>
    /// <param name="file">The file that it names.</param>
    /// <param name="all">The settings that belong together.</param>
    /// <exception cref="TlsFaultException">It names none, or the file cannot be read.</exception>
    public static PemText Read(string section, string setting, string file, string all)
    {
        var name = $"{section}:{setting} '{file}'";
        try
        {
            return file == "" ? throw new TlsFaultException($"{section}:{setting} is empty: {all} belong together")
                : new PemText(name, File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TlsFaultException($"{name} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Why files cannot be used; empty if they can.</summary>
    public static IEnumerable<string> ProblemsOf(Action use)
    {
        try
        {
            use();
            return [];
        }
        catch (TlsFaultException e)
        {
            return [e.Message];
        }
    }
}
