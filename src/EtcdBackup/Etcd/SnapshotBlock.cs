using System.Buffers;

namespace EtcdBackup.Etcd;

/// <summary>A filled part of a snapshot, in a pooled buffer that whoever takes it must give back.</summary>
internal readonly record struct SnapshotBlock(byte[] Buffer, int Length)
{
    public ReadOnlyMemory<byte> Bytes => Buffer.AsMemory(0, Length);

    public void Return() => ArrayPool<byte>.Shared.Return(Buffer);
}
