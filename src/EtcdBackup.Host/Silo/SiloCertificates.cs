using EtcdBackup.Tls;

namespace EtcdBackup.Host.Silo;

/// <summary>
/// The silo's certificate, key and authorities, as they are now. The files are read for each new connection and compared by their content:
/// a secret's volume in Kubernetes is changed by a symbolic link far above the file, of which neither time nor size tell.
/// </summary>
internal sealed partial class SiloCertificates
{
    private readonly Lock _lock = new();
    private readonly Func<MutualTlsFiles> _read;
    private readonly TimeProvider _time;
    private readonly ILogger<SiloCertificates> _logger;
    private MutualTlsFiles _content;
    private MutualTls _inForce;
    private string? _told;

    /// <summary>Reads them for the first time.</summary>
    /// <exception cref="TlsFaultException">They cannot be used.</exception>
    public SiloCertificates(Func<MutualTlsFiles> read, TimeProvider time, ILogger<SiloCertificates> logger)
    {
        (_read, _time, _logger) = (read, time, logger);
        _content = read();
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
            var content = _read();
            if (content != _content)
            {
                _inForce = MutualTls.Parse(content, _time);
                _content = content;
                LogRenewed(content.Certificate.Name, content.Authorities.Name);
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

    [LoggerMessage(Level = LogLevel.Information, Message = "New connections between silos use the renewed files: {Certificate} " +
        "with its key, {Authorities}")]
    private partial void LogRenewed(string certificate, string authorities);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Fault}. New connections between silos use what was in force before")]
    private partial void LogFault(string fault);
}
