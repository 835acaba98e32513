using EtcdBackup.Stores.FileSystem;
using EtcdBackup.Tls;

namespace EtcdBackup.Stores;

/// <summary>Decides which failures a caller of a store may see, and converts the others.</summary>
internal static class StoreErrors
{
    /// <summary>Whether a failure is not one of the stores' own errors: a caller could only guess what it means.</summary>
    /// <param name="e">The failure.</param>
    /// <param name="caller">The caller's token.</param>
    /// <param name="mayBeMissing">Whether the call was for an object, which may be missing. To any other call the same failure says that
    /// the server knows nothing of the store.</param>
    public static bool IsForeign(Exception e, CancellationToken caller, bool mayBeMissing = false) =>
        e is not StoreException && !(e is FileNotFoundException && mayBeMissing) &&
        !(e is OperationCanceledException && caller.IsCancellationRequested);

    /// <summary>The store's own error for it, with it as the cause.</summary>
    public static StoreException Of(string where, string what, Exception e) => e switch
    {
        IOException io when DiskFull.IsNoSpace(io) => DiskFull.Because(where, io),
        UnauthorizedAccessException => new StoreException($"{where} refuses {what}: {e.Message} Give the service the right to it", e),
        _ => new StoreException(
            $"{where} failed when asked for {what}: {WithCauses(e)} ({e.GetType().Name}). Check its address and whether it works; the " +
            "next run tries again",
            e),
    };

    /// <summary>What a failure and its causes say: an SDK's outermost message often tells nothing of a certificate or an address.</summary>
    public static string WithCauses(Exception e)
    {
        var said = e.Message;

        // What is behind a fault of TLS says less than the fault.
        for (var cause = e; cause is not TlsFaultException && cause.InnerException is { } inner; cause = inner)
        {
            said += said.Contains(inner.Message, StringComparison.Ordinal) ? "" : $" <- {inner.Message}";
        }

        return said;
    }
}
