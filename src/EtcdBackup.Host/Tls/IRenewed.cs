namespace EtcdBackup.Host.Tls;

/// <summary>Something made of files that may be replaced while the service runs.</summary>
internal interface IRenewed
{
    /// <summary>Looks at the files: what can be used takes effect, and what is wrong with them is logged. It may hang.</summary>
    void Look();

    /// <summary>Logs that they do not answer.</summary>
    void Hangs(TimeSpan since);
}
