using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using EtcdBackup.Tls;

namespace EtcdBackup.Tests.Tls;

public class AddressRulesTests
{
    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.200.0.9", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("fd00:ec2::23", false)]
    [InlineData("fd20:ce::254", false)]
    [InlineData("fd00:c1::a9fe:a9fe", false)]
    [InlineData("192.0.0.192", false)]
    [InlineData("168.63.129.16", false)]
    [InlineData("100.100.100.200", false)]
    [InlineData("fe80::1", false)]
    [InlineData("239.1.2.3", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("ff02::1", false)]
    [InlineData("10.0.0.11", true)]
    [InlineData("192.168.7.7", true)]
    [InlineData("100.64.0.1", true)]
    [InlineData("fd12::1", true)]
    [InlineData("52.216.1.1", true)]
    public void Tenants_reach_neither_the_machine_nor_its_cloud(string address, bool allowed)
    {
        Assert.Equal(allowed, AddressRules.Of([]).Allow(IPAddress.Parse(address)));
        Assert.True(AddressRules.All.Allow(IPAddress.Parse(address)));
    }

    [Fact]
    public void Addresses_of_the_machines_own_network_cards_are_its_own()
    {
        var own = NetworkInterface.GetAllNetworkInterfaces().SelectMany(n => n.GetIPProperties().UnicastAddresses);
        Assert.All(own, a => Assert.False(AddressRules.Of([]).Allow(a.Address)));
    }

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("::ffff:10.1.2.3", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("11.0.0.1", false)]
    [InlineData("fd12::1", false)]
    public void A_list_of_networks_is_all_that_counts(string address, bool allowed) => Assert.Equal(
        allowed, AddressRules.Of([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("127.0.0.1/32")]).Allow(IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public async Task A_name_counts_for_what_it_resolves_to(string host)
    {
        var refused = await Assert.ThrowsAsync<SocketException>(() => AddressRules.Of([]).ResolveAsync(host, CancellationToken.None));
        Assert.Contains($"'{host}' is ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Kubernetes:AllowedAddresses", refused.Message, StringComparison.Ordinal);
        Assert.NotEmpty(await AddressRules.All.ResolveAsync(host, CancellationToken.None));
    }
}
