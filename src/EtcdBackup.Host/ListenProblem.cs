using System.Net;
using System.Net.Sockets;

namespace EtcdBackup.Host;

/// <summary>Finds out in time that an address cannot be listened at: the web server would tell it with a stack trace.</summary>
internal static class ListenProblem
{
    /// <summary>What is wrong with the first address that cannot be used; null if all can.</summary>
    public static string? Of(string urls) => urls.Split(';', StringSplitOptions.RemoveEmptyEntries)
        .Select(u => Of(BindingAddress.Parse(u))).FirstOrDefault(p => p is not null);

    private static string? Of(BindingAddress address)
    {
        if (address.IsUnixPipe || address.IsNamedPipe)
        {
            return null;
        }

        var ip = IPAddress.TryParse(address.Host.Trim('[', ']'), out var parsed) ? parsed
            : address.Host == "localhost" ? IPAddress.Loopback : IPAddress.IPv6Any;
        try
        {
            using var listener = new TcpListener(ip, address.Port);
            listener.Start();
            return null;
        }
        catch (SocketException e)
        {
            // Of others, such as a machine without IPv6, the web server knows a way out.
            return e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied or SocketError.AddressNotAvailable
                ? $"it cannot listen at {address}: {e.Message}. End what listens there, or set another address in Http:Urls" : null;
        }
    }
}
