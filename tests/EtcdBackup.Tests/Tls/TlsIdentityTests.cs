using EtcdBackup.Testing;
using EtcdBackup.Tls;

namespace EtcdBackup.Tests.Tls;

public class TlsIdentityTests
{
    private const string AnyUsage = "2.5.29.37.0";

    [Theory]
    [InlineData(-1, 1, TestAuthority.ServerUsage, null)]
    [InlineData(-1, 1, AnyUsage, null)]
    [InlineData(-1, 1, "", null)]
    [InlineData(-1, 1, TestAuthority.ClientUsage, "the certificate 'CN=server' is not for servers (extended key usage)")]
    [InlineData(-2, -1, TestAuthority.ServerUsage, "the certificate 'CN=server' expired at 20")]
    [InlineData(1, 2, TestAuthority.ServerUsage, "the certificate 'CN=server' is not valid before 20")]
    public void What_no_client_would_trust_is_told(int from, int until, string usage, string? fault)
    {
        using var authority = new TestAuthority("authority");
        var (certificate, key) = authority.Issue(
            "server", "server.test", hours: (from, until), usages: usage == "" ? [] : [usage]);
        var identity = TlsIdentity.Parse(new IdentityFiles(new PemText("cert", certificate), new PemText("key", key)));
        var found = TlsIdentity.FaultOf(identity, DateTimeOffset.UtcNow);
        Assert.Equal(fault is null, found is null);
        Assert.StartsWith(fault ?? "", found ?? "", StringComparison.Ordinal);
    }
}
