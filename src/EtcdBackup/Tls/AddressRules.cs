using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace EtcdBackup.Tls;

/// <summary>Which addresses connections may go to. Names are judged by what they resolve to, at each connection.</summary>
internal sealed class AddressRules
{
    // Where a machine finds itself, its neighbours on the wire, or the cloud that runs it, which gives it credentials: of AWS, Azure
    // Alibaba, Oracle and Google those that are not link-local. "This" network and multicast are no hosts.
    private static readonly IPNetwork[] Private =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("224.0.0.0/3"),
        IPNetwork.Parse("168.63.129.16/32"), IPNetwork.Parse("100.100.100.200/32"),
        IPNetwork.Parse("::/127"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("ff00::/8"), IPNetwork.Parse("fd00:ec2::/32"),
        IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("fd00:c1::a9fe:a9fe/128"), IPNetwork.Parse("fd20:ce::254/128"),
    ];

    private readonly IReadOnlyList<IPNetwork>? _allowed;

    private AddressRules(IReadOnlyList<IPNetwork>? allowed) => _allowed = allowed;

    /// <summary>All addresses.</summary>
    public static AddressRules All { get; } = new(null);

    /// <summary>Whether some are refused.</summary>
    public bool AreSome => _allowed is not null;

    /// <summary>Those that tenants may name.</summary>
    /// <param name="allowed">These and no others; none: all but those of the machine itself, its links and its cloud.</param>
    public static AddressRules Of(IReadOnlyList<IPNetwork> allowed) => new(allowed);

    /// <summary>Whether a connection may go there.</summary>
    public bool Allow(IPAddress address)
    {
        var real = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _allowed switch
        {
            null => true,
            [] => !Private.Any(n => n.Contains(real)) && !IsOwn(real),
            _ => _allowed.Any(n => n.Contains(real)),
        };
    }

    /// <summary>The addresses of a host that a connection may go to.</summary>
    /// <exception cref="SocketException">It has none.</exception>
    public async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        // "0.0.0.0" is refused as a name.
        var addresses = IPAddress.TryParse(host, out var one) ? [one] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        var allowed = Array.FindAll(addresses, Allow);
        return allowed.Length > 0 || addresses.Length == 0 ? allowed : throw Refused(
            $"'{host}' is {addresses[0]}, where a resource may not send the service: an operator can allow it in " +
            "Kubernetes:AllowedAddresses");
    }

    /// <summary>The failure of a connection that is not made because of these rules.</summary>
    public static SocketException Refused(string why) => new((int)SocketError.AccessDenied, why);

    private static bool IsOwn(IPAddress address) => NetworkInterface.GetAllNetworkInterfaces()
        .Any(n => n.GetIPProperties().UnicastAddresses.Any(a => a.Address.Equals(address)));
}
