namespace EtcdBackup.Host.Tls;

/// <summary>Adds what connections use for TLS.</summary>
internal static class TlsSetup
{
    /// <summary>Adds files that are followed, and what is made of them.</summary>
    /// <param name="services">The services.</param>
    /// <param name="connections">Which connections these are, for the log.</param>
    /// <param name="read">Reads the files.</param>
    /// <param name="parse">Makes of them what is used.</param>
    /// <param name="faultOf">What is wrong by now with what is in force; null if it is well.</param>
    public static void AddRenewed<TFiles, T>(
        this IServiceCollection services, string connections, Func<TFiles> read, Func<TFiles, T> parse, Func<T, string?> faultOf)
        where TFiles : class
        where T : class
    {
        services.AddSingleton(p => new Renewed<TFiles, T>(connections, read, parse, faultOf, LoggerOf(p)));
        services.AddSingleton<IHostedService>(
            p => new RenewalWatch(connections, p.GetRequiredService<Renewed<TFiles, T>>().Look, LoggerOf(p)));
    }

    private static ILogger LoggerOf(IServiceProvider services) =>
        services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(TlsSetup));
}
