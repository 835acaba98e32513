using EtcdBackup.Catalog;

namespace EtcdBackup.Tests.Upkeep;

/// <summary>Backups that vanish from the store.</summary>
public sealed class LossTests : IDisposable
{
    private readonly StoredFixture _fixture = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_latest_backup_that_vanished_is_told_once(bool isAskedFor)
    {
        var (older, latest) = (_fixture.Put(5, 1, 1), _fixture.Put(6, 1, 2));
        await _fixture.Stored.RefreshAsync(CancellationToken.None);
        Vanish(latest.Name);
        if (isAskedFor)
        {
            Assert.Equal(older.Name, (await _fixture.Stored.FindAsync(v => v.Latest, CancellationToken.None))?.Name);
        }

        await _fixture.Stored.RefreshAsync(CancellationToken.None);
        await _fixture.Stored.RefreshAsync(CancellationToken.None);
        Assert.Equal(1, _fixture.Losses);
    }

    [Fact]
    public async Task An_older_one_that_vanished_and_a_latest_that_was_deleted_are_no_loss()
    {
        var (older, _, latest) = (_fixture.Put(5, 1, 1), _fixture.Put(6, 1, 2), _fixture.Put(7, 1, 3));
        await _fixture.Stored.RefreshAsync(CancellationToken.None);
        Vanish(older.Name);
        await _fixture.Stored.FindAsync(v => v.Find(older.Name), CancellationToken.None);
        await _fixture.Stored.DeleteAsync(latest.Name, force: false, CancellationToken.None);
        await _fixture.Stored.RefreshAsync(CancellationToken.None);
        Assert.Single(_fixture.Names);
        Assert.Equal(0, _fixture.Losses);
    }

    public void Dispose() => _fixture.Dispose();

    private void Vanish(BackupName name)
    {
        File.Delete(Path.Combine(_fixture.Folder, name.ToString()));
        File.Delete(Path.Combine(_fixture.Folder, name + BackupMetadata.Extension));
    }
}
