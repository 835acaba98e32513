using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace EtcdBackup.Host.Access.Jwt;

/// <summary>Fetches the keys of an issuer. The library fetches them in the background too, where a failure would be lost.</summary>
internal sealed partial class KeyDiscovery(JwtIssuer issuer, ILogger<KeyDiscovery> logger)
    : IConfigurationRetriever<OpenIdConnectConfiguration>
{
    /// <inheritdoc/>
    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(
        string address, IDocumentRetriever retriever, CancellationToken cancel)
    {
        try
        {
            var found = await OpenIdConnectConfigurationRetriever.GetAsync(address, retriever, cancel);
            return found.Issuer == issuer.Issuer ? found : throw new InvalidOperationException(
                $"it is about the issuer '{Caller.InOneLine(found.Issuer ?? "")}': write that one into Issuer, or another Authority");
        }
        catch (Exception e)
        {
            LogFailed(issuer.Issuer, address, Caller.InOneLine(string.Join(": ", Causes(e).Select(c => c.Message))));
            throw;
        }
    }

    // The library's own words are only that it failed.
    private static IEnumerable<Exception> Causes(Exception fault)
    {
        for (var cause = fault; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Http:Jwt: the keys of '{Issuer}' cannot be read from {Address}: {Why}. Those that " +
        "were read before stay in force")]
    private partial void LogFailed(string issuer, string address, string why);
}
