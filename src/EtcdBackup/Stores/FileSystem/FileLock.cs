using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EtcdBackup.Stores.FileSystem;

/// <summary>
/// Locks that mark a file as in use: flock(2) belongs to the open handle, so it ends with its process, however that dies, and a second
/// handle of the same process counts as another owner.
/// </summary>
internal static partial class FileLock
{
    // sys/file.h, asm-generic/fcntl.h and asm-generic/errno-base.h of Linux
    private const int LOCK_SH = 1;
    private const int LOCK_EX = 2;
    private const int LOCK_NB = 4;
    private const int O_RDWR = 2;
    private const int O_CLOEXEC = 0x80000;
    private const int EINTR = 4;
    private const int EAGAIN = 11;
    private const int ENOENT = 2;

    /// <summary>Holds a file as long as its handle is open.</summary>
    /// <returns>False if the file is just being deleted. True also if the file system has no locks: then only its age
    /// protects a file.</returns>
    public static bool TryHold(SafeFileHandle file) => Lock(file, LOCK_SH) != EAGAIN;

    /// <summary>Whether a file could not be opened because it is locked: .NET locks a new file between creating and returning it,
    /// and a sweep may be faster.</summary>
    public static bool IsHeld(IOException e) => e.HResult == EAGAIN;

    /// <summary>Deletes a file that is not locked.</summary>
    /// <returns>False if it is locked, or gone.</returns>
    public static bool TryDelete(string path)
    {
        // Not .NET's way to open: it takes locks of its own. For writing, because NFS gives an exclusive lock for nothing else.
        using var file = new SafeFileHandle(open(path, O_RDWR | O_CLOEXEC), ownsHandle: true);
        if (file.IsInvalid)
        {
            if (Marshal.GetLastPInvokeError() != ENOENT)
            {
                // We may be allowed to delete a file that we cannot open; if not, the deletion fails.
                File.Delete(path);
                return true;
            }

            return false;
        }

        if (Lock(file, LOCK_EX) == EAGAIN)
        {
            return false;
        }

        File.Delete(path);
        return true;
    }

    private static int Lock(SafeFileHandle file, int operation)
    {
        while (flock(file, operation | LOCK_NB) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != EINTR)
            {
                return error;
            }
        }

        return 0;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle file, int operation);
}
