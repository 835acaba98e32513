using System.Globalization;

namespace EtcdBackup.Clustering.Kubernetes;

/// <summary>Turns Orleans' entries into rows, and back.</summary>
internal static class Rows
{
    public static SiloRow ToRow(this MembershipEntry entry, int revision) => new()
    {
        Address = entry.SiloAddress.ToParsableString(),
        Name = entry.SiloName ?? "",
        Host = entry.HostName ?? "",
        Status = entry.Status.ToString(),
        ProxyPort = entry.ProxyPort,
        StartTime = Utc(entry.StartTime),
        IAmAliveTime = Utc(entry.IAmAliveTime),
        Suspecters = [.. (entry.SuspectTimes ?? [])
            .Select(s => new SuspecterRow { Address = s.Item1.ToParsableString(), Time = Utc(s.Item2) })],
        Revision = revision,
    };

    public static MembershipEntry ToEntry(this SiloRow row) => new()
    {
        SiloAddress = SiloAddress.FromParsableString(row.Address),
        SiloName = row.Name,
        HostName = row.Host,
        Status = Enum.Parse<SiloStatus>(row.Status),
        ProxyPort = row.ProxyPort,
        StartTime = Utc(row.StartTime),
        IAmAliveTime = Utc(row.IAmAliveTime),
        SuspectTimes = [.. row.Suspecters.Select(s => Tuple.Create(SiloAddress.FromParsableString(s.Address), Utc(s.Time)))],
    };

    public static string Etag(this SiloRow row) => row.Revision.ToString(CultureInfo.InvariantCulture);

    public static TableVersion TableVersion(this MembershipObject table) =>
        new(table.Version, table.Version.ToString(CultureInfo.InvariantCulture));

    // Orleans' times are UTC, though some say no kind.
    public static DateTime Utc(DateTime time) =>
        time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : DateTime.SpecifyKind(time, DateTimeKind.Utc);
}
