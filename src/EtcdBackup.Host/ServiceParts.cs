using System.Text.Json;
using System.Text.Json.Serialization;
using EtcdBackup.Host.Access;
using EtcdBackup.Host.Api;
using EtcdBackup.Host.Configuration;
using EtcdBackup.Host.Health;
using EtcdBackup.Host.Logs;
using EtcdBackup.Host.Metrics;
using EtcdBackup.Host.Notifying;
using EtcdBackup.Host.Silo;
using EtcdBackup.Host.State;
using EtcdBackup.Host.Tls;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EtcdBackup.Host;

/// <summary>Puts the parts of the service together.</summary>
internal static class ServiceParts
{
    /// <summary>Reads the configuration and builds the service.</summary>
    /// <exception cref="SettingsException">The configuration cannot be used.</exception>
    public static WebApplication Build(StartOptions start)
    {
        var configuration = SettingsReader.Read(start);
        var settings = configuration.Settings;
        var state = SiloSetup.OpenState(settings);

        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        // Orleans would read our section of that name as its own.
        builder.Configuration.AddInMemoryCollection(
            SettingsReader.OtherSections.SelectMany(s => configuration.Others.GetSection(s).AsEnumerable()));
        builder.Logging.AddLogs(builder.Configuration);
        builder.WebHost.UseUrls(settings.Http.Urls).UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.AddServerHeader = false;
            // No route reads a body.
            k.Limits.MaxRequestBodySize = 64 * 1024;
            // Whoever takes a backup at a trickle would hold its place for days.
            k.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 4096, gracePeriod: TimeSpan.FromSeconds(30));
        });
        builder.AddSilo(settings, state);

        AddServices(builder.Services, settings, start, state);
        var app = builder.Build();
        MapRoutes(app, settings);
        return app;
    }

    private static void AddServices(IServiceCollection services, Settings settings, StartOptions start, IStateStore state)
    {
        services.AddSingleton(settings.Http);
        services.AddSingleton(start);
        services.AddSingleton(state);
        services.AddAccess(settings.Http.ToAccess());
        services.AddMetrics(settings.Metrics);
        services.AddHttps(settings.Http.Tls.IsUsed ? settings.Http.Tls.Read : null);
        services.AddSingleton<IAuthorizationHandler, GrantHandler>();
        services.AddSingleton<ClusterResolver>();
        services.AddSingleton<BackupDownload>();
        services.AddSingleton<AnyRevision>();
        services.AddHostedService<ConfiguredClusters>();
        services.AddSingleton<StorageWatch>();
        services.AddHostedService(p => p.GetRequiredService<StorageWatch>());
        services.AddHealthChecks().AddCheck<ReadyCheck>("ready");
        services.AddProblemDetails();
        // Behind ASP.NET's own: it comes to this one when that one declines.
        services.AddSingleton<IProblemDetailsWriter, AnyProblemWriter>();
        services.AddCallLimits(settings.Http);
        services.AddNotifying(settings.Notifications.ToOptions(settings.Orleans.ClusterId));
        services.AddExceptionHandler<ErrorHandler>();
        services.AddOpenApi("v1", o => o.AddDetails());
        services.ConfigureHttpJsonOptions(o => Json(o.SerializerOptions));
    }

    private static void MapRoutes(WebApplication app, Settings settings)
    {
        app.UseMiddleware<AuditLog>();
        app.UseExceptionHandler();
        app.UseStatusCodePages(context => ErrorHandler.ExplainAsync(context.HttpContext));
        app.UseAuthentication();
        if (settings.Orleans.Dashboard)
        {
            app.UseLazyDashboard();
        }

        app.UseAuthorization();
        app.UseRateLimiter();
        app.MapHealthChecks("/healthz", new() { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/readyz", new() { ResponseWriter = WriteReasonsAsync }).AllowAnonymous();
        var api = app.MapGroup("")
            .Fails(StatusCodes.Status401Unauthorized, LoginScheme.Refusal)
            .Fails(StatusCodes.Status403Forbidden, LoginScheme.Denial("team-a", Verbs.Read))
            .Fails(StatusCodes.Status500InternalServerError, ErrorHandler.OwnFault)
            .Fails(StatusCodes.Status503ServiceUnavailable, ErrorHandler.Moving)
            .Fails(StatusCodes.Status504GatewayTimeout, ErrorHandler.Late);
        api.MapBackupRoutes();
        api.MapClusterRoutes();
        app.MapPrometheusScrapingEndpoint("/metrics").Needs(Verbs.Status, GrantScope.All);
        // What there is to call is no secret to who may call anything.
        app.MapOpenApi("/openapi/{documentName}.json").RequireAuthorization();
        app.MapScalarPage("/scalar").RequireAuthorization();
        app.MapGet("/", () => Results.Redirect("/scalar")).RequireAuthorization().ExcludeFromDescription();
    }

    private static void Json(JsonSerializerOptions options)
    {
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        // No route reads JSON; ASP.NET's default, to read numbers from strings too, would make OpenAPI say that we send strings.
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
    }

    private static Task WriteReasonsAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        var answer = report.Status == HealthStatus.Unhealthy ? "not ready" : "ready";
        var reasons = string.Join('\n', report.Entries.Select(e => e.Value.Description));
        var mayKnow = Caller.Of(context.User)?.MaySome(Verbs.Status) is true;
        return context.Response.WriteAsync((mayKnow ? reasons : answer) + "\n", context.RequestAborted);
    }
}
