using EtcdBackup.Host.Access;
using Orleans.Dashboard;

namespace EtcdBackup.Host.Api;

/// <summary>
/// The Orleans dashboard, built when it is first opened: mapping it loads and compresses all its pages, which costs 79 MB even if
/// nobody uses the dashboard.
/// </summary>
internal static class LazyDashboard
{
    private const string Path = "/dashboard";

    private static bool IsMeant(HttpContext context) => context.Request.Path.StartsWithSegments(Path, StringComparison.Ordinal);

    /// <summary>Serves it under /dashboard.</summary>
    public static void UseLazyDashboard(this WebApplication app)
    {
        var dashboard = new Lazy<RequestDelegate>(() =>
        {
            var branch = new ApplicationBuilder(app.Services);
            branch.UseRouting();
            branch.UseEndpoints(endpoints => endpoints.MapOrleansDashboard(Path));
            return branch.Build();
        });

        app.UseWhen(IsMeant, branch => branch.Run(async context =>
        {
            // It shows the state of all clusters, and can change what is logged.
            if (await context.IsAllowedAsync(Verbs.Admin))
            {
                // the main pipeline has chosen its own endpoint for this path already: "nothing here"
                context.SetEndpoint(null);
                await dashboard.Value(context);
            }
        }));
    }
}
