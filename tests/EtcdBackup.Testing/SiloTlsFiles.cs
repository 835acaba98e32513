using System.Text.Json.Nodes;

namespace EtcdBackup.Testing;

/// <summary>The files of Orleans:Tls, as Kubernetes mounts a secret.</summary>
public sealed class SiloTlsFiles
{
    private static readonly string[] Names = ["tls.crt", "tls.key", "ca.crt"];

    private readonly ServiceProcess _silo;
    private readonly MountedSecret _files;

    private SiloTlsFiles(ServiceProcess silo) => (_silo, _files) = (silo, new MountedSecret(silo["silo-tls"]));

    public static SiloTlsFiles Of(ServiceProcess silo) => new(silo);

    /// <summary>Names them in the silo's configuration.</summary>
    public SiloTlsFiles Use()
    {
        var orleans = (JsonObject)_silo.Config["Orleans"]!;
        orleans.Remove("AllowPlainText");
        orleans["Tls"] = new JsonObject
        {
            ["CertFile"] = _files["tls.crt"],
            ["KeyFile"] = _files["tls.key"],
            ["CaFile"] = _files["ca.crt"],
        };
        return this;
    }

    /// <summary>Writes all of them, in one step.</summary>
    public SiloTlsFiles Write((string Certificate, string Key) identity, string authorities)
    {
        _files.Write(Names.Zip([identity.Certificate, identity.Key, authorities]));
        return this;
    }
}
