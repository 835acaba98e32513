using EtcdBackup.Clusters;

namespace EtcdBackup.Kubernetes.Resources;

/// <summary>The <c>spec</c> of an <c>EtcdBackupPolicy</c>.</summary>
internal sealed record PolicySpec
{
    /// <summary>Client URLs of the members.</summary>
    public IReadOnlyList<string> Endpoints { get; init; } = [];

    /// <summary>A service in the same namespace instead.</summary>
    public PolicyService? Service { get; init; }

    /// <summary>TLS; absent: none.</summary>
    public PolicyTls? Tls { get; init; }

    /// <summary>Login; absent: none.</summary>
    public PolicyAuth? Auth { get; init; }

    /// <summary>When backups are taken, where they go, and how many are kept; absent: not backed up.</summary>
    public BackupSpec? Backup { get; init; }
}

/// <summary>A service that leads to the members.</summary>
internal sealed record PolicyService
{
    public string Name { get; init; } = "";

    public int Port { get; init; } = 2379;
}

/// <summary>Certificates in a secret of the same namespace.</summary>
internal sealed record PolicyTls
{
    public string Secret { get; init; } = "";

    public string CaKey { get; init; } = "ca.crt";

    public string CertKey { get; init; } = "tls.crt";

    public string KeyKey { get; init; } = "tls.key";

    public string ServerName { get; init; } = "";
}

/// <summary>A user, with the password in a secret of the same namespace.</summary>
internal sealed record PolicyAuth
{
    public string Username { get; init; } = "root";

    public string PasswordSecret { get; init; } = "";

    public string PasswordKey { get; init; } = "password";
}

/// <summary>The part of the <c>spec</c> of an <c>EtcdCluster</c> that matters to us.</summary>
internal sealed record EtcdClusterSpec
{
    public EtcdClusterTls? TLS { get; init; }

    public BackupSpec? Backup { get; init; }
}

/// <summary>Its TLS.</summary>
internal sealed record EtcdClusterTls
{
    public EtcdClusterStaticTls? Static { get; init; }
}

/// <summary>Its TLS by secrets.</summary>
internal sealed record EtcdClusterStaticTls
{
    public string OperatorSecret { get; init; } = "";
}
