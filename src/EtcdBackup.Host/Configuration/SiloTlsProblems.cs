using EtcdBackup.Tls;

namespace EtcdBackup.Host.Configuration;

/// <summary>Finds what would leave the connections between silos open to others, or closed to all.</summary>
internal static class SiloTlsProblems
{
    public static IEnumerable<string> Of(OrleansSettings orleans)
    {
        if (orleans.Tls.IsUsed)
        {
            return PemSetting.ProblemsOf(() => MutualTls.Parse(orleans.Tls.Read(), TimeProvider.System));
        }

        return orleans.Clustering == ClusteringKind.Localhost || orleans.AllowPlainText ? []
            : [$"Orleans:Clustering is {orleans.Clustering}, for many silos, and without TLS whoever reaches the silo port may do " +
                "everything: set Orleans:Tls:CertFile, KeyFile and CaFile, or Orleans:AllowPlainText to true where only silos reach it"];
    }
}
