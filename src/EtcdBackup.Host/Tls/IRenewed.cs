namespace EtcdBackup.Host.Tls;

/// <summary>Something made of files that may be replaced while the service runs.</summary>
internal interface IRenewed
{
    /// <summary>Looks at the files, so that what is wrong with them is logged.</summary>
    void Look();
}
