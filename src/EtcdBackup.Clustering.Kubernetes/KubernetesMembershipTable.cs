namespace EtcdBackup.Clustering.Kubernetes;

/// <summary>Orleans' membership table in one Kubernetes object: a row and the table's version always change together.</summary>
/// <param name="store">The object.</param>
internal sealed class KubernetesMembershipTable(MembershipStore store) : IMembershipTable
{
    /// <inheritdoc/>
    public async Task InitializeMembershipTable(bool tryInitTableVersion)
    {
        if (tryInitTableVersion && await store.ReadAsync() is null)
        {
            await store.CreateAsync();
        }
    }

    /// <inheritdoc/>
    public Task DeleteMembershipTableEntries(string clusterId) => store.DeleteAsync();

    /// <inheritdoc/>
    public async Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => await store.TryChangeAsync(table =>
    {
        var defunct = table.Silos.Where(s => s.Status != nameof(SiloStatus.Active) && Rows.Utc(s.IAmAliveTime) < beforeDate.UtcDateTime)
            .ToArray();
        foreach (var row in defunct)
        {
            table.Silos.Remove(row);
        }

        return defunct.Length > 0;
    });

    /// <inheritdoc/>
    public async Task<MembershipTableData> ReadRow(SiloAddress key)
    {
        var table = await ReadAsync();
        return Find(table, key) is { } row ? new MembershipTableData(Tuple.Create(row.ToEntry(), row.Etag()), table.TableVersion())
            : new MembershipTableData(table.TableVersion());
    }

    /// <inheritdoc/>
    public async Task<MembershipTableData> ReadAll()
    {
        var table = await ReadAsync();
        return new MembershipTableData([.. table.Silos.Select(r => Tuple.Create(r.ToEntry(), r.Etag()))], table.TableVersion());
    }

    /// <inheritdoc/>
    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => store.TryChangeAsync(table =>
    {
        if (table.Version != tableVersion.Version - 1 || Find(table, entry.SiloAddress) is not null)
        {
            return false;
        }

        table.Version = tableVersion.Version;
        table.Silos.Add(entry.ToRow(revision: 1));
        return true;
    });

    /// <inheritdoc/>
    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => store.TryChangeAsync(table =>
    {
        if (table.Version != tableVersion.Version - 1 || Find(table, entry.SiloAddress) is not { } row || row.Etag() != etag)
        {
            return false;
        }

        table.Version = tableVersion.Version;
        table.Silos[table.Silos.IndexOf(row)] = entry.ToRow(row.Revision + 1);
        return true;
    });

    /// <inheritdoc/>
    public async Task UpdateIAmAlive(MembershipEntry entry) => await store.TryChangeAsync(table =>
    {
        if (Find(table, entry.SiloAddress) is not { } row)
        {
            return false;
        }

        row.IAmAliveTime = Rows.Utc(entry.IAmAliveTime);
        return true;
    });

    private static SiloRow? Find(MembershipObject table, SiloAddress silo)
    {
        var address = silo.ToParsableString();
        return table.Silos.FirstOrDefault(r => r.Address == address);
    }

    private async Task<MembershipObject> ReadAsync() => await store.ReadAsync() ?? new MembershipObject();
}
