using EtcdBackup.Stores;
using EtcdBackup.Stores.FileSystem;
using EtcdBackup.Testing;

namespace EtcdBackup.Tests.Stores;

public sealed class ScratchTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly ShiftedTime _time = new() { Offset = TimeSpan.FromDays(30) };

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_live_file_is_never_swept_however_old()
    {
        var scratch = new Scratch(_directory.Path, _time);
        using (var live = scratch.Create(100))
        {
            live.Append("abc"u8);
            Assert.Equal(0, scratch.Sweep(TimeSpan.Zero, CancellationToken.None));
            Assert.Equal("abc", File.ReadAllText(live.Path).TrimEnd('\0'));
        }

        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public async Task A_file_that_another_process_holds_is_not_swept_and_goes_when_that_died()
    {
        var path = _directory["of-another"];
        await File.WriteAllTextAsync(path, "abc");
        var scratch = new Scratch(_directory.Path, _time);
        await using (ChildProcess.Start("flock", ["--shared", "--no-fork", path, "sleep", "600"]))
        {
            await Workspace.UntilAsync(async () => await IsHeldAsync(path), "the other process holds the file");
            Assert.Equal(0, scratch.Sweep(TimeSpan.Zero, CancellationToken.None));
        }

        await Workspace.UntilAsync(() => Task.FromResult(scratch.Sweep(TimeSpan.Zero, CancellationToken.None) == 1), "the file is swept");
    }

    [Fact]
    public void A_dead_file_is_swept_only_when_it_is_old_in_the_folder_of_verifications_too()
    {
        Directory.CreateDirectory(_directory["verify"]);
        File.WriteAllText(_directory["dead"], "");
        File.WriteAllText(_directory["verify/dead"], "");
        var scratch = new Scratch(_directory.Path, _time);
        Assert.Equal(0, scratch.Sweep(TimeSpan.FromDays(31), CancellationToken.None));
        Assert.Equal(2, scratch.Sweep(TimeSpan.FromDays(29), CancellationToken.None));
    }

    // What waits for a store that is away is no leftover, however short that age is.
    [Theory]
    [InlineData(29, 0)]
    [InlineData(31, 1)]
    public void A_segment_that_waits_is_swept_after_a_month(int days, int swept)
    {
        Directory.CreateDirectory(_directory["log/v1/default/example/log"]);
        File.WriteAllText(_directory["log/v1/default/example/log/segment"], "");
        var scratch = new Scratch(_directory.Path, new ShiftedTime { Offset = TimeSpan.FromDays(days) });
        Assert.Equal(swept, scratch.Sweep(TimeSpan.FromSeconds(1), CancellationToken.None));
    }

    [Fact]
    public async Task A_document_is_not_swept_while_it_is_written()
    {
        var store = new FileSystemStore(_directory.Path, _time);
        await using (var pending = await store.BeginAsync("v1/a", 1, CancellationToken.None))
        {
            Assert.True(await pending.TryCommitAsync("one", CancellationToken.None));
        }

        using var end = new CancellationTokenSource();
        var sweeping = Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                // a moment is enough to know that it is held
                await store.SweepAsync(TimeSpan.FromDays(30) + TimeSpan.FromMilliseconds(2), CancellationToken.None);
            }
        });
        for (var i = 0; i < 200; i++)
        {
            await store.WriteDocumentAsync("v1/a/one.json", new byte[1_000_000], CancellationToken.None);
        }

        await end.CancelAsync();
        await sweeping;
    }

    [Theory]
    [InlineData(1000, true)]
    [InlineData(999, false)]
    public void Reading_backups_back_takes_no_room_that_a_backup_may_need(long free, bool isAllowed)
    {
        var scratch = new Scratch(_directory.Path, TimeProvider.System) { KeepsRoomForBackups = true, FreeSpace = _ => free };
        if (isAllowed)
        {
            scratch.Create(1000).Dispose();
        }
        else
        {
            var e = Assert.Throws<StoreFullException>(() => scratch.Create(1000));
            Assert.Contains("room is kept for backups", e.Message, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    private static async Task<bool> IsHeldAsync(string path)
    {
        using var trial = System.Diagnostics.Process.Start("flock", ["--exclusive", "--nonblock", path, "true"]);
        await trial.WaitForExitAsync();
        return trial.ExitCode == 1;
    }
}
