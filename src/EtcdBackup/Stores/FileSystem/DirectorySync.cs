using System.ComponentModel;
using System.Runtime.InteropServices;

namespace EtcdBackup.Stores.FileSystem;

/// <summary>What .NET does not offer for directories: making an entry durable, and adding one without replacing another.</summary>
internal static partial class DirectorySync
{
    // errno of Linux: include/uapi/asm-generic/errno-base.h
    private const int EEXIST = 17;

    /// <summary>Makes a directory with its parents, each durable in its own.</summary>
    public static void Create(string directory)
    {
        if (Directory.Exists(directory))
        {
            return;
        }

        var parent = Path.GetDirectoryName(directory)!;
        Create(parent);
        Directory.CreateDirectory(directory);
        Flush(parent);
    }

    /// <summary>Gives a file a second name; false when that name is taken.</summary>
    public static bool TryLink(string existing, string created)
    {
        if (link(existing, created) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == EEXIST ? false : throw Failure($"'{created}' cannot be created", error);
    }

    /// <summary>fsync of a directory: its entries survive a power failure.</summary>
    public static void Flush(string directory)
    {
        var descriptor = open(directory, 0);
        if (descriptor < 0)
        {
            throw Failure($"'{directory}' cannot be opened", Marshal.GetLastPInvokeError());
        }

        try
        {
            if (fsync(descriptor) != 0)
            {
                throw Failure($"'{directory}' cannot be made durable", Marshal.GetLastPInvokeError());
            }
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    private static IOException Failure(string what, int error) => new($"{what}: {new Win32Exception(error).Message}", error);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string existing, string created);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);
}
