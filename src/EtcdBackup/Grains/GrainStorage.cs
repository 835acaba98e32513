namespace EtcdBackup.Grains;

/// <summary>The storage provider that the grains use; the host decides what it is.</summary>
public static class GrainStorage
{
    /// <summary>The provider's name.</summary>
    public const string Name = "etcdbackup";
}
