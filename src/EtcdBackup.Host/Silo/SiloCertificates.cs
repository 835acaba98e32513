using EtcdBackup.Host.Configuration;
using EtcdBackup.Tls;

namespace EtcdBackup.Host.Silo;

/// <summary>
/// The silo's certificate, key and authorities, as they are now. The files are read for each new connection and compared by their content:
/// a secret's volume in Kubernetes is changed by a symbolic link far above the file, of which neither time nor size tell.
/// </summary>
internal sealed partial class SiloCertificates
{
    private readonly Lock _lock = new();
    private readonly SiloTlsSettings _files;
    private readonly TimeProvider _time;
    private readonly ILogger<SiloCertificates> _logger;
    private MutualTlsFiles _content;
    private MutualTls _inForce;
    private string? _told;

    /// <summary>Reads them for the first time.</summary>
    /// <exception cref="TlsFaultException">They cannot be used.</exception>
    public SiloCertificates(SiloTlsSettings files, TimeProvider time, ILogger<SiloCertificates> logger)
    {
        (_files, _time, _logger) = (files, time, logger);
        _content = files.Read();
        _inForce = MutualTls.Parse(_content, time);
    }

    /// <summary>What new connections use.</summary>
    public MutualTls Current()
    {
        lock (_lock)
        {
            Tell(FaultOfRenewal() ?? _inForce.OwnFault());
            return _inForce;
        }
    }

    private string? FaultOfRenewal()
    {
        try
        {
            var content = _files.Read();
            if (content != _content)
            {
                _inForce = MutualTls.Parse(content, _time);
                _content = content;
                LogRenewed(_files.CertFile, _files.CaFile);
            }

            return null;
        }
        catch (TlsFaultException e)
        {
            return e.Message;
        }
    }

    private void Tell(string? fault)
    {
        if (fault is not null && fault != _told)
        {
            LogFault(fault);
        }

        _told = fault;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "New connections between silos use the renewed files of Orleans:Tls: " +
        "'{CertFile}' with its key, '{CaFile}'")]
    private partial void LogRenewed(string certFile, string caFile);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Fault}. New connections between silos use what was in force before")]
    private partial void LogFault(string fault);
}
