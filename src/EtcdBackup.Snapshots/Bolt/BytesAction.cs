namespace EtcdBackup.Snapshots.Bolt;

/// <summary>Takes a part of a value.</summary>
internal delegate void BytesAction(ReadOnlySpan<byte> bytes);
