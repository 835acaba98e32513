using System.Net;
using EtcdBackup.Tls;
using Microsoft.AspNetCore.Connections;

namespace EtcdBackup.Host.Silo;

/// <summary>What is known of one handshake, by the time when it has failed.</summary>
internal sealed class Handshake
{
    // The package tells of a failure in its log alone, without saying with whom.
    private static readonly AsyncLocal<Handshake?> Running = new();

    private string? _fault;

    private Handshake()
    {
    }

    /// <summary>That of a connection.</summary>
    public static Handshake Of(ConnectionContext context) => context.Features.Get<Handshake>()!;

    /// <summary>That of the code that asks.</summary>
    public static Handshake? Current => Running.Value;

    /// <summary>Runs a connection to its end.</summary>
    /// <param name="context">The connection.</param>
    /// <param name="next">What is to be done with it.</param>
    /// <param name="failed">Gets the other side's address and what is wrong, if the handshake failed.</param>
    public static async Task RunAsync(ConnectionContext context, ConnectionDelegate next, Action<EndPoint?, string> failed)
    {
        var handshake = new Handshake();
        Running.Value = handshake;
        context.Features.Set(handshake);
        var remote = context.RemoteEndPoint;
        try
        {
            await next(context);
        }
        catch (Exception e) when (TlsAlerts.AboutCertificate(e) is not null)
        {
            // With TLS 1.3 the side that connects learns from its first read that it was refused.
            handshake.Fail(e);
            throw;
        }
        finally
        {
            if (handshake._fault is { } fault)
            {
                failed(remote, fault);
            }
        }
    }

    /// <summary>Keeps what we have against the other side.</summary>
    public void Refuse(string fault) => _fault = fault;

    /// <summary>Keeps why there is no handshake, unless that is because we refused.</summary>
    public void Fail(Exception failure) => _fault ??= failure switch
    {
        TlsFaultException => failure.Message,
        _ when TlsAlerts.AboutCertificate(failure) is { } alert => $"does not accept this silo's certificate ('{alert}')",
        _ => $"makes no TLS handshake: {failure.GetBaseException().Message}",
    };
}
