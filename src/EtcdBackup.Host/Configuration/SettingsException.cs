namespace EtcdBackup.Host.Configuration;

/// <summary>The configuration cannot be used; the message lists every reason, one a line.</summary>
internal sealed class SettingsException(IReadOnlyCollection<string> problems, Exception? inner = null)
    : Exception(string.Join(Environment.NewLine, problems), inner);
