using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace EtcdBackup.Host.Access.Jwt;

/// <summary>Makes a caller of a token that ASP.NET has found valid, and one sentence of why it has not.</summary>
internal sealed partial class JwtLogin(JwtIssuer issuer, ILogger<JwtLogin> logger) : JwtBearerEvents
{
    /// <inheritdoc/>
    public override Task TokenValidated(TokenValidatedContext context)
    {
        var claims = context.Principal?.Claims.ToArray() ?? [];
        var name = Array.Find(claims, c => c.Type == issuer.NameClaim)?.Value ?? $"a token without {issuer.NameClaim}";
        context.Principal = Caller.Named(name, GrantRule.GrantsOf(issuer.Rules, claims)).ToPrincipal();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task AuthenticationFailed(AuthenticationFailedContext context)
    {
        var why = JwtRefusal.Of(context.Exception, issuer);
        LogRefused(issuer.Issuer, why, context.HttpContext.Connection.RemoteIpAddress?.ToString());
        context.Fail(why);
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused a token of '{Issuer}': {Why} (from {Address})")]
    private partial void LogRefused(string issuer, string why, string? address);
}
