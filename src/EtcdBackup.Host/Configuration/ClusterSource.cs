using System.Security.Cryptography;
using EtcdBackup.Clusters;

namespace EtcdBackup.Host.Configuration;

/// <summary>Reads which clusters the configuration names, and when the file was written.</summary>
internal sealed class ClusterSource(StartOptions start)
{
    /// <summary>The file, for messages.</summary>
    public string Name => start.ConfigFile is { } file ? Path.GetFullPath(file) : "no configuration file";

    /// <summary>Identifies the present content of the file and when it was written.</summary>
    /// <exception cref="SettingsException">It cannot be read.</exception>
    public string Fingerprint()
    {
        if (start.ConfigFile is null)
        {
            return "none";
        }

        try
        {
            return $"{Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(start.ConfigFile)))} {Stamp().UtcTicks}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([$"the configuration file '{start.ConfigFile}' cannot be read: {e.Message}"], e);
        }
    }

    /// <summary>Reads the clusters.</summary>
    /// <returns>Those with backups enabled; null if the configuration does not mention clusters.</returns>
    /// <exception cref="SettingsException">It cannot be used.</exception>
    public IReadOnlyList<ClusterSpec>? Read() => SettingsReader.Read(start).Specs;

    /// <summary>When the file was written. Behind a symbolic link, as in a ConfigMap, the target's time counts.</summary>
    public DateTimeOffset Stamp()
    {
        if (start.ConfigFile is null)
        {
            return DateTimeOffset.MinValue;
        }

        try
        {
            var target = File.ResolveLinkTarget(start.ConfigFile, returnFinalTarget: true) ?? new FileInfo(start.ConfigFile);
            return new DateTimeOffset(target.LastWriteTimeUtc, TimeSpan.Zero);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([$"the configuration file '{start.ConfigFile}' cannot be read: {e.Message}"], e);
        }
    }
}
