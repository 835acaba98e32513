using EtcdBackup.Tls;

namespace EtcdBackup.Host.Tls;

/// <summary>
/// What some connections use for TLS, as its files are now. They are read for each new connection and compared by their content: a secret's
/// volume in Kubernetes is changed by a symbolic link far above the file, of which neither time nor size tell.
/// </summary>
internal sealed partial class Renewed<TFiles, T> : IRenewed where TFiles : class
{
    private readonly Lock _lock = new();
    private readonly string _connections;
    private readonly Func<TFiles> _read;
    private readonly Func<TFiles, T> _parse;
    private readonly Func<T, string?> _faultOf;
    private readonly ILogger _logger;
    private TFiles _content;
    private T _inForce;
    private string? _told;

    /// <summary>Reads them for the first time.</summary>
    /// <param name="connections">Which connections these are, for the log.</param>
    /// <param name="read">Reads the files.</param>
    /// <param name="parse">Makes of them what is used.</param>
    /// <param name="faultOf">What is wrong by now with what is in force; null if it is well.</param>
    /// <param name="logger">Is told of renewals and faults.</param>
    /// <exception cref="TlsFaultException">They cannot be used.</exception>
    public Renewed(string connections, Func<TFiles> read, Func<TFiles, T> parse, Func<T, string?> faultOf, ILogger logger)
    {
        (_connections, _read, _parse, _faultOf, _logger) = (connections, read, parse, faultOf, logger);
        _content = read();
        _inForce = parse(_content);
    }

    /// <summary>What new connections use.</summary>
    public T Current()
    {
        lock (_lock)
        {
            Tell(FaultOfRenewal() ?? _faultOf(_inForce));
            return _inForce;
        }
    }

    /// <inheritdoc/>
    public void Look() => Current();

    private string? FaultOfRenewal()
    {
        try
        {
            var content = _read();
            if (!content.Equals(_content))
            {
                _inForce = _parse(content);
                _content = content;
                LogRenewed(_connections, content);
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
            LogFault(fault, _connections);
        }

        _told = fault;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "New connections {Connections} use the renewed files: {Files}")]
    private partial void LogRenewed(string connections, TFiles files);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Fault}. New connections {Connections} use what was in force before")]
    private partial void LogFault(string fault, string connections);
}
