using Orleans.Dashboard;

namespace EtcdBackup.Host.Api;

/// <summary>
/// The Orleans dashboard, built when it is first opened: mapping it loads and compresses all its pages, which costs 79 MB even if
/// nobody uses the dashboard.
/// </summary>
internal static class LazyDashboard
{
    private const string Path = "/dashboard";

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

        app.UseWhen(context => context.Request.Path.StartsWithSegments(Path, StringComparison.Ordinal), branch => branch.Run(context =>
        {
            // the main pipeline has chosen its own endpoint for this path already: "nothing here"
            context.SetEndpoint(null);
            return dashboard.Value(context);
        }));
    }
}
