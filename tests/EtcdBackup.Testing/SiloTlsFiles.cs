using System.Text.Json.Nodes;

namespace EtcdBackup.Testing;

/// <summary>
/// The files of Orleans:Tls as Kubernetes mounts a secret: links to a directory behind a link, which alone is changed when the secret is.
/// </summary>
public sealed class SiloTlsFiles
{
    private static readonly string[] Names = ["tls.crt", "tls.key", "ca.crt"];

    private readonly ServiceProcess _silo;

    private SiloTlsFiles(ServiceProcess silo) => _silo = silo;

    public static SiloTlsFiles Of(ServiceProcess silo) => new(silo);

    /// <summary>Names them in the silo's configuration.</summary>
    public SiloTlsFiles Use()
    {
        var orleans = (JsonObject)_silo.Config["Orleans"]!;
        orleans.Remove("AllowPlainText");
        orleans["Tls"] = new JsonObject
        {
            ["CertFile"] = Path("tls.crt"),
            ["KeyFile"] = Path("tls.key"),
            ["CaFile"] = Path("ca.crt"),
        };
        return this;
    }

    /// <summary>Writes all of them, in one step.</summary>
    public SiloTlsFiles Write((string Certificate, string Key) identity, string authorities)
    {
        var version = Guid.NewGuid().ToString("N");
        Directory.CreateDirectory(Path(version));
        foreach (var (name, text) in Names.Zip([identity.Certificate, identity.Key, authorities]))
        {
            File.WriteAllText(Path($"{version}/{name}"), text);
            if (!File.Exists(Path(name)) && new FileInfo(Path(name)).LinkTarget is null)
            {
                File.CreateSymbolicLink(Path(name), $"..data/{name}");
            }
        }

        // .NET renames no link to a directory onto another one.
        File.CreateSymbolicLink(Path("..next"), version);
        ChildProcess.RunAsync("mv", "-T", Path("..next"), Path("..data")).GetAwaiter().GetResult();
        return this;
    }

    private string Path(string name) => _silo["silo-tls/" + name];
}
