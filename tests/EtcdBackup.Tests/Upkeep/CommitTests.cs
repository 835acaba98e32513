using EtcdBackup.Catalog;
using EtcdBackup.Tests.Catalog;

namespace EtcdBackup.Tests.Upkeep;

/// <summary>A backup is taken when it is what is served.</summary>
public sealed class CommitTests : IDisposable
{
    private readonly StoredFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    // Another silo committed it, of what a restore has ended that it did not notice. Found by the simulation.
    [Fact]
    public async Task A_higher_revision_of_the_lineage_that_was_not_known_is_no_success_of_this_run()
    {
        await _fixture.Stored.RefreshAsync(CancellationToken.None);
        _fixture.Put(1_000_000, 1, 1);
        Assert.Null(await CommitAsync(5));
        Assert.Equal(1_000_001, (await CommitAsync(1_000_001))!.Revision);
        Assert.Equal(3, _fixture.Names.Count());
    }

    private async Task<BackupEntry?> CommitAsync(long revision)
    {
        var catalog = await _fixture.Catalogs.ForAsync(_fixture.Spec, CancellationToken.None);
        await using var pending = await catalog.BeginAsync(6, CancellationToken.None);
        await pending.AppendAsync("backup"u8.ToArray(), CancellationToken.None);
        await pending.SealAsync(CancellationToken.None);
        var metadata = BackupOrderTests.Entry(revision, 1, 2).Metadata! with { Size = 6 };
        return await _fixture.Stored.CommitAsync(pending, _fixture.Spec, _ => metadata, CancellationToken.None);
    }
}
