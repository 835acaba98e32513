using EtcdBackup.Tls;

namespace EtcdBackup.Host.Access.Jwt;

/// <summary>
/// Requests to an issuer. That of Kubernetes shows its keys only to who has a token, and its certificate is of an authority of its own;
/// both are renewed while the service runs, so their files are read for each request and connection.
/// </summary>
internal sealed class IssuerHandler(JwtIssuer issuer) : DelegatingHandler(HttpsHandler.Create(() => AuthoritiesOf(issuer)))
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (issuer.TokenFile != "")
        {
            request.Headers.Authorization = new("Bearer", (await File.ReadAllTextAsync(issuer.TokenFile, cancellationToken)).Trim());
        }

        return await base.SendAsync(request, cancellationToken);
    }

    private static Authorities AuthoritiesOf(JwtIssuer issuer) => issuer.CaFile == "" ? Authorities.OfMachine
        : Authorities.Parse(File.ReadAllText(issuer.CaFile), $"Http:Jwt:CaFile '{issuer.CaFile}'");
}
