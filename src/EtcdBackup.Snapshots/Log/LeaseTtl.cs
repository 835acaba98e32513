namespace EtcdBackup.Snapshots.Log;

/// <summary>A lease that an event of the log carries. A watch tells its id alone; the member had to be asked for the rest.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Seconds">The time to live that it was granted with.</param>
internal readonly record struct LeaseTtl(long Id, long Seconds)
{
    /// <summary>Writes it as etcd's <c>leasepb.Lease</c> (server/lease/leasepb/lease.proto).</summary>
    public void Write(ProtoOutput output)
    {
        output.Number(1, (ulong)Id);
        output.Number(2, (ulong)Seconds);
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static LeaseTtl Read(ReadOnlySpan<byte> message)
    {
        var (id, seconds) = (0L, 0L);
        for (var fields = new ProtoFields(message); fields.Next();)
        {
            id = fields.Tag == 1 << 3 ? (long)fields.Number : id;
            seconds = fields.Tag == 2 << 3 ? (long)fields.Number : seconds;
        }

        return new LeaseTtl(id, seconds);
    }
}
