using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Util;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>Backups in each kind of store, and what a store may be asked for or refuse.</summary>
public sealed class StoreTests(ObjectStores servers)
{
    private const int MiB = 1024 * 1024;

    [Theory]
    [InlineData("S3", "None", "None")]
    [InlineData("S3", "Zstd", "Age")]
    [InlineData("ABS", "None", "None")]
    [InlineData("ABS", "Zstd", "None")]
    [InlineData("PersistentVolume", "Zstd", "Age")]
    public async Task A_backup_goes_to_the_store_comes_back_and_restores(string type, string compression, string encryption)
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 24, MiB);
        await using var service = await StartAsync(etcd, type, compression, encryption);
        var status = await service.JsonAsync("/v1/backupnow");
        Assert.Equal(25, status.GetProperty("revision").GetInt64());
        using (var unchanged = await service.GetAsync("/v1/backupnow"))
        {
            Assert.Equal("unchanged", Assert.Single(unchanged.Headers.GetValues("X-Backup-Skipped")));
        }

        var suffix = (compression == "Zstd" ? ".zst" : "") + (encryption == "Age" ? ".age" : "");
        Assert.EndsWith("_0000000000000019_etcd.backup" + suffix, status.GetProperty("name").GetString(), StringComparison.Ordinal);

        var downloaded = await service.DownloadAsync();
        Assert.Equal(await etcd.DumpAsync(), await Restore.DumpAsync(downloaded, "forky"));
        var content = await File.ReadAllBytesAsync(downloaded);
        Assert.Equal(Math.Round(content.Length / 1048576.0, 3), status.GetProperty("size").GetDouble());

        // A broken download goes on where it was.
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/backup");
        request.Headers.Range = new RangeHeaderValue(20_000_000, 20_999_999);
        request.Headers.IfRange = new RangeConditionHeaderValue(
            $"\"{Convert.ToHexStringLower(SHA256.HashData(content.AsSpan(0, content.Length - 32)))}\"");
        using var part = await service.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(content[20_000_000..21_000_000], await part.Content.ReadAsByteArrayAsync());
        using var head = await service.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/v1/backup"));
        Assert.Equal(content.Length, head.Content.Headers.ContentLength);
        Assert.Equal("3.5.30_0000000000000019_etcd.backup", head.Content.Headers.ContentDisposition!.FileName);

        // Another process, with nothing but the store.
        await service.KillAsync();
        foreach (var file in Directory.GetFiles(service["data"], "state.db*"))
        {
            File.Delete(file);
        }

        await service.StartAsync();
        Assert.Equal("unchanged", Assert.Single((await service.GetAsync("/v1/backupnow")).Headers.GetValues("X-Backup-Skipped")));
        using var verified = await service.Client.PostAsync(
            $"/v1/clusters/default/example/backups/{status.GetProperty("name").GetString()}/verify", null);
        Assert.True(JsonNode.Parse(await verified.Content.ReadAsStringAsync())!["verification"]!["sound"]!.GetValue<bool>());
        Assert.Equal(1, (await service.JsonAsync("/v1/status")).GetProperty("backups").GetInt32());
        Assert.Empty(NewStore.ScratchFiles(service));
    }

    [Fact]
    public async Task While_the_cluster_is_written_to_the_name_still_tells_the_revision_in_the_file()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 24, MiB);
        await using var service = await StartAsync(etcd, "S3");
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await etcd.PutAsync("/busy", 20, 16, seed: i);
            }
        });
        var status = await service.JsonAsync("/v1/backupnow");
        await stop.CancelAsync();
        await writing;
        var version = status.GetProperty("version").GetString();
        var revision = status.GetProperty("revision").GetInt64();
        Assert.Equal(revision,
            await Restore.RevisionAsync(await service.DownloadAsync($"/v1/backup?etcdVersion={version}&etcdRevision={revision}")));
        Assert.Equal($"{version}_{revision:x16}_etcd.backup", status.GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_full_bucket_is_a_507_and_after_making_room_the_next_try_succeeds()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 2, MiB);
        await using var service = await StartAsync(etcd, "S3");
        var bucket = service.Config["Clusters"]![0]!["backup"]!["s3"]!["s3Bucket"]!.GetValue<string>();
        await service.JsonAsync("/v1/backupnow");
        await (await servers.S3).SetQuotaAsync(bucket, 8 * MiB);
        await etcd.PutAsync("/b", 24, MiB);
        using var full = await service.GetAsync("/v1/backupnow");
        Assert.Equal(HttpStatusCode.InsufficientStorage, full.StatusCode);
        Assert.Contains(bucket, await full.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(NewStore.ScratchFiles(service));
        await Restore.StatusAsync(await service.DownloadAsync());
        Assert.Equal(1, (await service.JsonAsync("/v1/status")).GetProperty("backups").GetInt32());
        await (await servers.S3).SetQuotaAsync(bucket, 800 * MiB);
        await service.JsonAsync("/v1/backupnow");
        Assert.Equal(2, (await service.JsonAsync("/v1/status")).GetProperty("backups").GetInt32());
    }

    [Fact]
    public async Task A_wrong_secret_says_so_and_a_renewed_one_is_taken_up_without_a_restart()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 1);
        await using var service = await StartAsync(etcd, "S3", start: false);
        RadosGateway.WriteSecret(service["secrets/aws"], "wrong");
        await service.StartAsync();
        using var wrong = await service.GetAsync("/v1/backupnow");
        Assert.Equal(HttpStatusCode.InternalServerError, wrong.StatusCode);
        Assert.Contains("SignatureDoesNotMatch", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var status = await service.GetAsync("/v1/status");
        Assert.Equal(HttpStatusCode.InternalServerError, status.StatusCode);
        Assert.Contains("Check the secret", await status.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        RadosGateway.WriteSecret(service["secrets/aws"]);
        await service.JsonAsync("/v1/backupnow");
    }

    [Fact]
    public async Task One_cluster_whose_bucket_is_gone_holds_up_no_other()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 1);
        await using var service = await StartAsync(etcd, "S3", start: false);
        service.Config["Clusters"]![0]!["backup"]!["s3"]!["s3Bucket"] = "gone";
        service.With(ServiceProcess.Cluster("other", etcd.Endpoints));
        await service.StartAsync();
        await service.JsonAsync("/v1/clusters/default/other/backupnow");
        using var gone = await service.GetAsync("/v1/clusters/default/example/backupnow");
        Assert.Contains("Create the bucket first", await gone.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_bucket_that_is_removed_the_status_tells_what_was_there_when_and_why_it_is_not_read()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await StartAsync(etcd, "S3");
        await service.JsonAsync("/v1/backupnow");
        await etcd.PutAsync("/a", 1);
        await service.JsonAsync("/v1/backupnow");
        var bucket = service.Config["Clusters"]![0]!["backup"]!["s3"]!["s3Bucket"]!.GetValue<string>();
        using (var client = NewStore.Client(await servers.S3))
        {
            await AmazonS3Util.DeleteS3BucketWithObjectsAsync(client, bucket);
        }

        for (var i = 0; i < 3; i++)
        {
            using var backup = await service.GetAsync("/v1/backup");
            Assert.Equal(HttpStatusCode.InternalServerError, backup.StatusCode);
            Assert.Contains("Create the bucket first", await backup.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal(2, (await service.JsonAsync("/v1/status")).GetProperty("backups").GetInt32());
        }
    }

    [Fact]
    public async Task A_bucket_that_the_original_service_filled_is_readable_as_it_is()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 5);
        await using var service = await StartAsync(etcd, "S3", start: false);
        var bucket = service.Config["Clusters"]![0]!["backup"]!["s3"]!["s3Bucket"]!.GetValue<string>();
        var file = service["original.db"];
        await etcd.CtlAsync("snapshot", "save", file);
        using var client = await ClientAsync();
        await client.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = bucket,
                Key = "prefix/v1/default/example/3.5.30_0000000000000006_etcd.backup",
                FilePath = file
            });
        await client.PutObjectAsync(
            new PutObjectRequest { BucketName = bucket, Key = "prefix/v1/default/example/notes.txt", ContentBody = "foreign" });
        await etcd.StopMemberAsync(0);
        await service.StartAsync();
        Assert.Equal(1, (await service.JsonAsync("/v1/status")).GetProperty("backups").GetInt32());
        Assert.Equal(await File.ReadAllBytesAsync(file),
            await File.ReadAllBytesAsync(await service.DownloadAsync("/v1/backup?etcdVersion=3.5.30&etcdRevision=6")));
    }

    private async Task<AmazonS3Client> ClientAsync() => NewStore.Client(await servers.S3);

    private Task<ServiceProcess> StartAsync(
        EtcdServers etcd, string type, string compression = "None", string encryption = "None", Action<JsonNode>? change = null,
            bool start = true) => NewStore.ServiceAsync(servers, etcd, type, compression, encryption, change, start);
}
