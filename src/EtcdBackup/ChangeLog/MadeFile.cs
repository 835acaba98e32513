using EtcdBackup.Catalog;
using EtcdBackup.Snapshots.Making;
using EtcdBackup.Stores.FileSystem;
using Microsoft.Win32.SafeHandles;

namespace EtcdBackup.ChangeLog;

/// <summary>A backup that was made, as a local file: it is there as long as somebody has it open, or until it is disposed.</summary>
internal sealed class MadeFile : IDisposable
{
    private readonly SafeFileHandle _held;
    private readonly string _file;

    /// <summary>Holds the file.</summary>
    public MadeFile(string file, BackupEntry @base, MadeReport report, DateTimeOffset at)
    {
        (_file, Base, Report, At) = (file, @base, report, at);
        _held = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);

        // So that no sweep takes it, however old it is.
        FileLock.TryHold(_held);
    }

    /// <summary>The backup that it was made of.</summary>
    public BackupEntry Base { get; }

    /// <summary>What was made.</summary>
    public MadeReport Report { get; }

    /// <summary>When the cluster was at the revision, at the latest, UTC.</summary>
    public DateTimeOffset At { get; }

    /// <summary>Opens it; the stream can seek.</summary>
    public Stream Open() => new FileStream(_file, new FileStreamOptions { Share = FileShare.Read | FileShare.Delete, BufferSize = 0 });

    /// <inheritdoc/>
    public void Dispose()
    {
        File.Delete(_file);
        _held.Dispose();
    }
}
