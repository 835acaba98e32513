using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace EtcdBackup.Host.Access.Certificates;

/// <summary>
/// The login by client certificate. It is judged for each request, so an authority that is taken out of the file is refused at once.
/// ASP.NET's own scheme cannot do it: it sees no intermediates that came with a certificate, and reads its authorities only once.
/// </summary>
internal sealed class CertificateScheme(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, CertificateLogin login)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>Its name.</summary>
    public const string Name = "certificate";

    /// <summary>The answer to a certificate that is not trusted. Who issued it, and what the service trusts, is for the log.</summary>
    public const string Refusal = "the client certificate is not accepted: the service's log tells why";

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (await Context.Connection.GetClientCertificateAsync(Context.RequestAborted) is not { } shown)
        {
            return AuthenticateResult.NoResult();
        }

        return await login.FindAsync(shown, Context.Connection.RemoteIpAddress, Context.RequestAborted) is { } caller
            ? AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(), Name)) : AuthenticateResult.Fail(Refusal);
    }
}
