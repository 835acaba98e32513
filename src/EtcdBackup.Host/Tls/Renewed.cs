using EtcdBackup.Tls;

namespace EtcdBackup.Host.Tls;

/// <summary>
/// What some connections use for TLS, as its files were a moment ago. They are compared by their content: a secret's volume in Kubernetes
/// is changed by a symbolic link far above the file, of which neither time nor size tell. No connection waits for a file.
/// </summary>
internal sealed partial class Renewed<TFiles, T>
    where TFiles : class
    where T : class
{
    private readonly string _connections;
    private readonly Func<TFiles> _read;
    private readonly Func<TFiles, T> _parse;
    private readonly Func<T, string?> _faultOf;
    private readonly ILogger _logger;
    private TFiles _content;
    private volatile T _inForce;
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
    public T Current => _inForce;

    /// <summary>Looks at the files: what can be used takes effect, and what is wrong with them is logged. It may hang.</summary>
    public void Look()
    {
        if (FaultOfRenewal() is { } refused)
        {
            Tell(refused, f => LogRefused(f, _connections));
        }
        else if (_faultOf(Current) is { } fault)
        {
            Tell(fault, f => LogFault(f, _connections));
        }
        else
        {
            _told = null;
        }
    }

    // What nobody would trust takes the place of nothing.
    private string? FaultOfRenewal()
    {
        try
        {
            var content = _read();
            if (content.Equals(_content))
            {
                return null;
            }

            var next = _parse(content);
            if (_faultOf(next) is { } fault)
            {
                return fault;
            }

            (_inForce, _content) = (next, content);
            LogRenewed(_connections, content);
            return null;
        }
        catch (TlsFaultException e)
        {
            return e.Message;
        }
    }

    private void Tell(string fault, Action<string> log)
    {
        if (fault != _told)
        {
            log(fault);
        }

        _told = fault;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "New connections {Connections} use the renewed files: {Files}")]
    private partial void LogRenewed(string connections, TFiles files);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Fault}. New connections {Connections} use what was in force before")]
    private partial void LogRefused(string fault, string connections);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Fault}. New connections {Connections} use it all the same: replace it")]
    private partial void LogFault(string fault, string connections);
}
