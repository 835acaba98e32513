namespace EtcdBackup.Snapshots.Bolt;

/// <summary>Sees every bucket and every entry of a file, in the order of their keys.</summary>
internal interface IBoltVisitor
{
    /// <summary>A bucket begins. Nested ones have the depth of their nesting; the buckets of etcd have 0.</summary>
    void Bucket(ReadOnlySpan<byte> name, int depth);

    /// <summary>An entry of the bucket that began last.</summary>
    void Entry(ReadOnlySpan<byte> key, BoltValue value);
}
