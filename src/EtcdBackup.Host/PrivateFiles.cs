using System.Runtime.InteropServices;

namespace EtcdBackup.Host;

/// <summary>What the service writes holds secrets: files and directories are its user's alone from the moment when they are made.</summary>
internal static class PrivateFiles
{
    // S_IRWXG and S_IRWXO of sys/stat.h
    private const int OthersBits = 0b111_111;

    /// <summary>Whatever this process makes from now on has mode 0600, directories 0700.</summary>
    public static void Begin()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = SetMask(OthersBits);
        }
    }

    [DllImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetMask(int mask);
}
