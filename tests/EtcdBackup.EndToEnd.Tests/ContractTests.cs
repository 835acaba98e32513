using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

public sealed class OneCluster : IAsyncLifetime
{
    public EtcdServers Etcd { get; private set; } = null!;

    public ServiceProcess Service { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Etcd = await EtcdServers.StartAsync();
        await Etcd.PutAsync("/a", 20, 5000);
        Service = await new ServiceProcess().WithDashboard().With(ServiceProcess.Cluster("example", Etcd.Endpoints)).StartAsync();
        await Service.JsonAsync("/v1/backupnow");
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Etcd.DisposeAsync();
    }
}

public class ContractTests(OneCluster one) : IClassFixture<OneCluster>
{
    private ServiceProcess Service => one.Service;

    [Fact]
    public async Task Backupnow_answers_with_the_fields_of_the_contract_and_skips_when_nothing_changed()
    {
        using var answer = await Service.GetAsync("/v1/backupnow");
        Assert.Equal("unchanged", Assert.Single(answer.Headers.GetValues("X-Backup-Skipped")));
        var status = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$", status.GetProperty("creationTime").GetString());
        Assert.Equal(Math.Round(new FileInfo(Assert.Single(BackupFiles())).Length / 1048576.0, 3), status.GetProperty("size").GetDouble());
        Assert.Equal(21, status.GetProperty("revision").GetInt64());
        Assert.StartsWith("3.5.", status.GetProperty("version").GetString(), StringComparison.Ordinal);
        Assert.True(status.GetProperty("timeTookInSecond").GetInt32() >= 1);
    }

    [Fact]
    public async Task Status_counts_what_is_in_the_store_and_no_foreign_file()
    {
        var foreign = Path.Combine(Path.GetDirectoryName(BackupFiles()[0])!, "big-and-foreign.backup");
        await File.WriteAllBytesAsync(foreign, new byte[5_000_000]);
        var status = await Service.JsonAsync("/v1/status");
        File.Delete(foreign);
        Assert.Equal(1, status.GetProperty("backups").GetInt32());
        Assert.Equal(status.GetProperty("recentBackup").GetProperty("size").GetDouble(), status.GetProperty("backupSize").GetDouble());
        Assert.Equal(21, status.GetProperty("recentBackup").GetProperty("revision").GetInt64());
    }

    [Fact]
    public async Task The_body_is_the_file_and_the_headers_tell_what_it_is()
    {
        using var answer = await Service.GetAsync("/v1/backup");
        var body = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(await File.ReadAllBytesAsync(BackupFiles()[0]), body);
        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(body.Length, answer.Content.Headers.ContentLength);
        Assert.Equal("21", Assert.Single(answer.Headers.GetValues("X-Revision")));
        Assert.StartsWith("3.5.", Assert.Single(answer.Headers.GetValues("X-etcd-Version")), StringComparison.Ordinal);
        Assert.Equal($"\"{Convert.ToHexStringLower(body.AsSpan(^32..))}\"", answer.Headers.ETag!.Tag);
        Assert.Equal("bytes", Assert.Single(answer.Headers.AcceptRanges));
        Assert.NotNull(answer.Content.Headers.LastModified);
        Assert.Contains("_etcd.backup", answer.Content.Headers.ContentDisposition!.FileName, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Head_tells_the_same_without_a_body()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "/v1/backup");
        using var answer = await Service.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(new FileInfo(BackupFiles()[0]).Length, answer.Content.Headers.ContentLength);
        Assert.Equal("21", Assert.Single(answer.Headers.GetValues("X-Revision")));
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_broken_download_resumes_with_a_range_and_starts_over_when_the_backup_is_another()
    {
        var whole = await File.ReadAllBytesAsync(BackupFiles()[0]);
        using var first = await Service.GetAsync("/v1/backup");
        using var rest = await RangeAsync(1000, first.Headers.ETag!);
        Assert.Equal(HttpStatusCode.PartialContent, rest.StatusCode);
        Assert.Equal(whole[1000..], await rest.Content.ReadAsByteArrayAsync());
        using var other = await RangeAsync(1000, new EntityTagHeaderValue("\"another\""));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal(whole, await other.Content.ReadAsByteArrayAsync());
        using var beyond = await RangeAsync(whole.Length + 1, first.Headers.ETag!);
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
        Assert.Contains("the range lies outside the backup", await beyond.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/backup?etcdVersion=3.5.99", 200)]
    [InlineData("/v1/backup?etcdVersion=3.6.0", 200)]
    [InlineData("/v1/backup?etcdVersion=", 200)]
    [InlineData("/v1/backup?etcdVersion=&etcdRevision=", 200)]
    [InlineData("/v1/backup?etcdVersion=3.7.0", 400)]
    [InlineData("/v1/backup?etcdVersion=3.4.0", 400)]
    [InlineData("/v1/backup?etcdVersion=latest", 400)]
    [InlineData("/v1/backup?etcdVersion=3.5", 400)]
    [InlineData("/v1/backup?etcdVersion=3.5.30&etcdVersion=3.5.30", 400)]
    [InlineData("/v1/backup?etcdRevision=21", 400)]
    [InlineData("/v1/backup?etcdVersion=&etcdRevision=21", 400)]
    [InlineData("/v1/backup?etcdVersion=3.5.30&etcdRevision=0", 400)]
    [InlineData("/v1/backup?etcdVersion=3.5.30&etcdRevision=-1", 400)]
    [InlineData("/v1/backup?etcdVersion=3.5.30&etcdRevision=0x15", 400)]
    [InlineData("/v1/backup?etcdVersion=3.5.30&etcdRevision=99999999999999999999", 400)]
    [InlineData("/v1/backup?etcdVersion=3.5.30&etcdRevision=20", 404)]
    [InlineData("/v1/backup?etcdVersion=3.4.1&etcdRevision=21", 404)]
    [InlineData("/v1/clusters/default/example/backup", 200)]
    [InlineData("/v1/clusters/default/example/status", 200)]
    [InlineData("/v1/clusters/default/example/backupnow", 200)]
    [InlineData("/v1/clusters/default/nobody/status", 404)]
    [InlineData("/v1/clusters/default/No_Label/status", 400)]
    [InlineData("/v1/clusters/..%2f..%2fetc/passwd/status", 400)]
    [InlineData("/v1/nothing", 404)]
    [InlineData("/v1/clusters", 200)]
    [InlineData("/healthz", 200)]
    [InlineData("/readyz", 200)]
    [InlineData("/scalar/", 200)]
    [InlineData("/dashboard/", 200)]
    public async Task Each_request_is_answered_as_the_contract_says_and_errors_say_what_to_do(string path, int status)
    {
        using var answer = await Service.GetAsync(path);
        Assert.Equal(status, (int)answer.StatusCode);
        if (status >= 400)
        {
            await AssertProblemAsync(answer);

            // Who wants the bytes of a backup gets the error all the same.
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Accept.ParseAdd("application/octet-stream");
            using var other = await Service.Client.SendAsync(request);
            Assert.Equal(status, (int)other.StatusCode);
            await AssertProblemAsync(other);
        }
    }

    [Fact]
    public async Task The_dashboard_shows_what_a_grain_holds()
    {
        var text = (await Service.JsonAsync("/dashboard/GrainState?grainId=default/example&grainType=EtcdBackup.Grains.BackupGrain"))
            .GetString()!;
        var state = JsonDocument.Parse(text).RootElement.GetProperty("GetState");
        Assert.Equal("default/example", state.GetProperty("Key").GetString());
        Assert.NotNull(state.GetProperty("LastOutcome").GetProperty("Backup").GetString());
        Assert.NotEqual(JsonValueKind.Undefined, state.GetProperty("Spec").GetProperty("Backup").GetProperty("Interval").ValueKind);
    }

    [Theory]
    [InlineData("example-backup-sidecar:19999", 200)]
    [InlineData("whatever", 200)]
    [InlineData("a..b", 400)]
    [InlineData("a_b:x", 400)]
    [InlineData("", 400)]
    [InlineData("a@b", 400)]
    [InlineData("../../etc/passwd", 400)]
    [InlineData("%00", 400)]
    public async Task With_one_cluster_any_sane_host_will_do(string host, int status)
    {
        // by hand: HttpClient refuses to send such hosts
        var answer = await Service.RawAsync($"GET /v1/status HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_methods_are_refused()
    {
        using var answer = await Service.Client.PostAsync("/v1/backupnow", null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    [Fact]
    public async Task The_openapi_document_tells_routes_parameters_errors_and_examples()
    {
        var document = await Service.JsonAsync("/openapi/v1.json");
        var paths = document.GetProperty("paths");
        foreach (var path in new[] { "/v1/backupnow", "/v1/backup", "/v1/status", "/v1/clusters",
            "/v1/clusters/{namespace}/{name}/backup" })
        {
            Assert.True(paths.TryGetProperty(path, out _), path);
        }

        var backup = paths.GetProperty("/v1/backup").GetProperty("get");
        Assert.Equal(["etcdVersion", "etcdRevision", "time"],
            backup.GetProperty("parameters").EnumerateArray().Select(p => p.GetProperty("name").GetString()));
        Assert.True(backup.GetProperty("responses").GetProperty("400").GetProperty("content").GetProperty("application/problem+json")
            .TryGetProperty("example", out _));
        Assert.True(paths.GetProperty("/v1/status").GetProperty("get").GetProperty("responses").GetProperty("200").GetProperty("content")
            .GetProperty("application/json").TryGetProperty("example", out _));
    }

    internal static async Task AssertProblemAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.NotEqual("", JsonDocument.Parse(text).RootElement.GetProperty("detail").GetString());
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> RangeAsync(long from, EntityTagHeaderValue ifRange)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/backup");
        request.Headers.Range = new RangeHeaderValue(from, null);
        request.Headers.IfRange = new RangeConditionHeaderValue(ifRange);
        return await Service.Client.SendAsync(request);
    }

    private string[] BackupFiles() => Directory.GetFiles(Service.BackupDirectory, "*_etcd.backup", SearchOption.AllDirectories);
}
