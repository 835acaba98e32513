namespace EtcdBackup.Stores;

/// <summary>A stream that may be of a file on this machine, which can then be read without a copy.</summary>
internal interface ILocalFile
{
    /// <summary>The file's path; null if it is not on this machine.</summary>
    string? LocalPath { get; }

    /// <summary>The path of the file that a stream of a store reads; null when it reads none.</summary>
    static string? PathOf(Stream stream) => stream switch
    {
        FileStream file => file.Name,
        ILocalFile file => file.LocalPath,
        _ => null,
    };
}
