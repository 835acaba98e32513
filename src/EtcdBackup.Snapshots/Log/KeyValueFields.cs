namespace EtcdBackup.Snapshots.Log;

/// <summary>What the log needs of an event's <c>KeyValue</c> (etcd api/mvccpb/kv.proto).</summary>
/// <param name="KeyField">Bytes at the beginning that are the key's field; a deletion in the <c>key</c> bucket is this alone.</param>
/// <param name="KeyStart">Where the key itself begins.</param>
/// <param name="ModRevision">The main revision.</param>
/// <param name="Lease">The lease's id; 0 for none.</param>
internal readonly record struct KeyValueFields(int KeyField, int KeyStart, long ModRevision, long Lease)
{
    /// <summary>Reads them.</summary>
    /// <exception cref="FormatException">It is no <c>KeyValue</c>, or does not begin with its key.</exception>
    public static KeyValueFields Read(ReadOnlySpan<byte> keyValue)
    {
        var (keyField, keyStart, revision, lease) = (0, 0, 0L, 0L);
        for (var fields = new ProtoFields(keyValue); fields.Next();)
        {
            switch (fields.Tag)
            {
                case (1 << 3) | 2 when keyField == 0:
                    keyField = keyValue.Length - fields.Left;
                    keyStart = keyField - fields.Bytes.Length;
                    break;
                case 3 << 3:
                    revision = (long)fields.Number;
                    break;
                case 6 << 3:
                    lease = (long)fields.Number;
                    break;
            }
        }

        return keyField > 0 && keyValue[0] == ((1 << 3) | 2) ? new KeyValueFields(keyField, keyStart, revision, lease)
            : throw new FormatException("it does not begin with its key");
    }
}
