using System.Net;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

public class SecurityTests
{
    [Fact]
    public async Task With_a_token_file_only_probes_are_open_and_a_new_token_needs_no_restart()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = new ServiceProcess().WithDashboard().With(ServiceProcess.Cluster("example", etcd.Endpoints));
        await File.WriteAllTextAsync(service["tokens"], "# operators\nfirst-token\n");
        service.Config["Http"]!["TokenFile"] = service["tokens"];
        await service.StartAsync(waitReady: false);
        await service.UntilServingAsync();

        Assert.Equal(HttpStatusCode.OK, await CodeAsync("/healthz", null));
        foreach (var path in new[] { "/v1/backup", "/v1/status", "/v1/backupnow", "/v1/clusters", "/dashboard/", "/openapi/v1.json" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(path, null));
            Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(path, "wrong"));
        }

        Assert.Equal(HttpStatusCode.OK, await CodeAsync("/v1/clusters", "first-token"));
        using (var browser = new HttpRequestMessage(HttpMethod.Get, "/v1/clusters"))
        {
            browser.Headers.Authorization = new("Basic", Convert.ToBase64String("anyone:first-token"u8));
            Assert.Equal(HttpStatusCode.OK, (await service.Client.SendAsync(browser)).StatusCode);
        }

        await File.WriteAllTextAsync(service["tokens"], "second-token-is-longer\n");
        Assert.Equal(HttpStatusCode.OK, await CodeAsync("/v1/clusters", "second-token-is-longer"));
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync("/v1/clusters", "first-token"));

        async Task<HttpStatusCode> CodeAsync(string path, string? token)
        {
            using var answer = await service.GetAsync(path, token: token);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task What_the_service_writes_is_its_users_alone()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 1);
        await using var service = new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints));
        await service.StartAsync();
        await service.JsonAsync("/v1/backupnow");
        const UnixFileMode Others = (UnixFileMode)0b111_111;
        var written = Directory.GetFileSystemEntries(service["data"], "*", SearchOption.AllDirectories);
        Assert.Contains(written, f => f.EndsWith("_etcd.backup", StringComparison.Ordinal));
        Assert.Contains(written, f => f.EndsWith("state.db", StringComparison.Ordinal));
        Assert.All([.. written, service["data"]], f =>
            Assert.True(OperatingSystem.IsWindows() || (File.GetUnixFileMode(f) & Others) == 0, f));
    }

    [Fact]
    public async Task The_service_itself_speaks_https()
    {
        using var certificates = new TestCertificates();
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints));
        var port = Workspace.FreePorts(1)[0];
        service.Config["Http"]!["Urls"] = $"{service.Config["Http"]!["Urls"]};https://127.0.0.1:{port}";
        service.Config["Http"]!["Tls"] = new JsonObject { ["CertFile"] = certificates.ServerCert, ["KeyFile"] = certificates.ServerKey };
        await service.StartAsync();
        var answer = await ChildProcess.RunAsync("curl", "-sf", "--cacert", certificates.CaFile, $"https://127.0.0.1:{port}/v1/clusters");
        Assert.Contains("example", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tls_with_client_certificates_works_and_a_renewed_certificate_needs_no_restart()
    {
        using var certificates = new TestCertificates();
        await using var etcd = await EtcdServers.StartAsync(new EtcdOptions { Tls = certificates.Arguments });
        await etcd.CtlAsync("put", "a", "1");
        var cluster = ServiceProcess.Cluster("example", etcd.Endpoints);
        await using var service = new ServiceProcess();
        var (cert, key) = (service["client.pem"], service["client-key.pem"]);
        await File.WriteAllTextAsync(cert, "not yet a certificate");
        await File.WriteAllTextAsync(key, "nor a key");
        cluster["tls"] = new JsonObject
        {
            ["caFile"] = certificates.CaFile,
            ["certFile"] = cert,
            ["keyFile"] = key,
            ["serverName"] = "etcd.test"
        };
        await service.With(cluster).StartAsync();

        using var before = await service.GetAsync("/v1/backupnow");
        Assert.Equal(HttpStatusCode.BadGateway, before.StatusCode);
        Assert.Contains("client.pem", await before.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        certificates.Issue("root", cert, key);
        await service.JsonAsync("/v1/backupnow");
        Assert.Equal(2, await Restore.RevisionAsync(await service.DownloadAsync()));
    }

    // Another library makes this TLS: many megabytes, beside other calls on the same connection.
    [Fact]
    public async Task An_ed25519_key_backs_up_too()
    {
        using var certificates = new TestCertificates();
        await using var etcd = await EtcdServers.StartAsync(new EtcdOptions { Tls = certificates.Arguments });
        for (var i = 0; i < 100; i++)
        {
            await etcd.CtlAsync("put", $"/a/{i}", new string((char)('a' + (i % 26)), 100_000));
        }

        await using var service = new ServiceProcess();
        // On a busy machine that library takes its time.
        service.Config["Backups"]!["ProbeTimeoutInSecond"] = 60;
        certificates.Issue("root", service["client.pem"], service["client-key.pem"], "Ed25519");
        var cluster = ServiceProcess.Cluster("example", etcd.Endpoints);
        cluster["tls"] = new JsonObject
        {
            ["caFile"] = certificates.CaFile,
            ["certFile"] = service["client.pem"],
            ["keyFile"] = service["client-key.pem"],
        };
        await service.With(cluster).StartAsync();
        await service.JsonAsync("/v1/backupnow");
        var metadata = Assert.Single(Directory.GetFiles(service.BackupDirectory, "*.json", SearchOption.AllDirectories));
        Assert.Contains("\"result\": \"matched\"", await File.ReadAllTextAsync(metadata), StringComparison.Ordinal);
        Assert.Equal(101, await Restore.RevisionAsync(await service.DownloadAsync()));
    }

    [Fact]
    public async Task A_member_that_another_authority_signed_is_not_trusted()
    {
        using var theirs = new TestCertificates();
        using var ours = new TestCertificates();
        await using var etcd = await EtcdServers.StartAsync(new EtcdOptions { Tls = theirs.Arguments });
        var cluster = ServiceProcess.Cluster("example", etcd.Endpoints);
        cluster["tls"] = new JsonObject { ["caFile"] = ours.CaFile, ["certFile"] = ours.ClientCert, ["keyFile"] = ours.ClientKey };
        await using var service = await new ServiceProcess().With(cluster).StartAsync();
        using var answer = await service.GetAsync("/v1/backupnow");
        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Contains("certificate", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task User_and_password_work_and_a_wrong_password_is_told()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.CtlAsync("put", "a", "1");
        await etcd.CtlAsync("user", "add", "root:right");
        await etcd.CtlAsync("user", "grant-role", "root", "root");
        await etcd.CtlAsync("auth", "enable");
        await using var service = new ServiceProcess();
        await File.WriteAllTextAsync(service["password"], "wrong");
        var cluster = ServiceProcess.Cluster("example", etcd.Endpoints);
        cluster["auth"] = new JsonObject { ["username"] = "root", ["passwordFile"] = service["password"] };
        await service.With(cluster).StartAsync();

        using var wrong = await service.GetAsync("/v1/backupnow");
        Assert.Equal(HttpStatusCode.BadGateway, wrong.StatusCode);
        Assert.Contains("authentication failed", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        await File.WriteAllTextAsync(service["password"], "right\n");
        await service.JsonAsync("/v1/backupnow");
        Assert.Equal(2, await Restore.RevisionAsync(await service.DownloadAsync()));
    }
}
