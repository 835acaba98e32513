using EtcdBackup.Stores;

namespace EtcdBackup.Encodings;

/// <summary>A snapshot as a local file; dispose it when done.</summary>
public sealed class LocalCopy : IDisposable
{
    private readonly ScratchFile? _copy;

    internal LocalCopy(string path, ScratchFile? copy) => (Path, _copy) = (path, copy);

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public void Dispose() => _copy?.Dispose();
}
