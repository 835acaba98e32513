using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Amazon.S3;
using Amazon.S3.Model;
using Azure.Storage;
using Azure.Storage.Blobs;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

public class StoreTests(ObjectStores servers)
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
        Assert.Empty(Files(service["data/scratch"]));
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
        Assert.Empty(Files(service["data/scratch"]));
        await Restore.StatusAsync(await service.DownloadAsync());
        Assert.Equal(1, (await service.JsonAsync("/v1/status")).GetProperty("backups").GetInt32());
        await (await servers.S3).SetQuotaAsync(bucket, 800 * MiB);
        await service.JsonAsync("/v1/backupnow");
        Assert.Equal(2, (await service.JsonAsync("/v1/status")).GetProperty("backups").GetInt32());
    }

    [Fact]
    public async Task The_policy_of_the_documentation_is_enough_and_no_more()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 24, MiB);
        await using var service = await StartAsync(etcd, "S3", start: false, change: backup => backup["maxBackups"] = 1);
        var bucket = service.Config["Clusters"]![0]!["backup"]!["s3"]!["s3Bucket"]!.GetValue<string>();
        var user = "u" + Guid.NewGuid().ToString("N");
        await (await servers.S3)
            .AdminAsync("user", "create", $"--uid={user}", "--display-name=least", $"--access-key={user}", "--secret-key=least");
        await File.WriteAllTextAsync(
            service["secrets/aws/credentials"], $"[default]\naws_access_key_id = {user}\naws_secret_access_key = least\n");
        var text = await File.ReadAllTextAsync(Path.Combine(Workspace.Root, "docs/stores.md"));
        var start = text.IndexOf("{\n  \"Version\"", StringComparison.Ordinal);
        var policy = JsonNode.Parse(
            text[start..text.IndexOf("```", start, StringComparison.Ordinal)].Replace("BUCKET", bucket, StringComparison.Ordinal)
            .Replace("PREFIX", "prefix", StringComparison.Ordinal))!;
        foreach (var statement in policy["Statement"]!.AsArray())
        {
            statement!["Principal"] = new JsonObject { ["AWS"] = $"arn:aws:iam:::user/{user}" };
        }

        using var client = await ClientAsync();
        await client.PutBucketPolicyAsync(bucket, policy.ToJsonString());
        await service.StartAsync();
        await service.JsonAsync("/v1/backupnow");
        await etcd.PutAsync("/b", 1);
        await service.JsonAsync("/v1/backupnow");
        await Workspace.UntilAsync(
            async () => (await service.JsonAsync("/v1/status")).GetProperty("backups").GetInt32() == 1, "the older backup is pruned");
        await Restore.StatusAsync(await service.DownloadAsync());
        await client.InitiateMultipartUploadAsync(bucket, "prefix/v1/left");
        service.Config["Backups"]!["SweepAgeInSecond"] = 1;
        await service.KillAsync();
        await service.StartAsync();
        await service.JsonAsync("/v1/status"); // a store is swept from its first use on
        await Workspace.UntilAsync(
            async () => (await client.ListMultipartUploadsAsync(bucket)).MultipartUploads is null or [], "a dead upload is swept");
        Assert.DoesNotContain("AccessDenied", service.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_bucket_refuses_to_delete_is_told_once_and_left()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 1);
        await using var service = await StartAsync(etcd, "S3", change: backup => backup["maxBackups"] = 1);
        var bucket = service.Config["Clusters"]![0]!["backup"]!["s3"]!["s3Bucket"]!.GetValue<string>();
        using var client = await ClientAsync();
        await client.PutBucketPolicyAsync(bucket, $$"""
            { "Version": "2012-10-17", "Statement": [ { "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::{{bucket}}/prefix/v1/*" } ] }
            """);
        for (var i = 0; i < 3; i++)
        {
            await etcd.PutAsync("/b", 1, seed: i);
            await service.JsonAsync("/v1/backupnow");
        }

        var first = (await service.JsonAsync("/v1/clusters/default/example/backups")).GetProperty("items")[2].GetProperty("name")
            .GetString()!;
        await Workspace.UntilAsync(() => Task.FromResult(Told(first) == 1), "the refusal is told");
        Assert.Equal(3, (await service.JsonAsync("/v1/status")).GetProperty("backups").GetInt32());
        using var answer = await service.Client.DeleteAsync($"/v1/clusters/default/example/backups/{first}");
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        await etcd.PutAsync("/c", 1);
        await service.JsonAsync("/v1/backupnow");
        Assert.Equal(1, Told(first));

        int Told(string name) => service.Output.Split('\n').Count(l => l.Contains("refuses to delete " + name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task In_a_bucket_with_object_lock_what_retention_removes_stays_for_those_who_look()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 1);
        await using var service = await StartAsync(etcd, "S3", change: backup => backup["maxBackups"] = 1, lockObjects: true);
        var bucket = service.Config["Clusters"]![0]!["backup"]!["s3"]!["s3Bucket"]!.GetValue<string>();
        var first = (await service.JsonAsync("/v1/backupnow")).GetProperty("name").GetString();
        await etcd.PutAsync("/b", 1);
        await service.JsonAsync("/v1/backupnow");
        await Workspace.UntilAsync(
            async () => (await service.JsonAsync("/v1/status")).GetProperty("backups").GetInt32() == 1,
            "the older backup is no longer listed");

        using var client = await ClientAsync();
        var versions = (await client.ListVersionsAsync(bucket, $"prefix/v1/default/example/{first}")).Versions;
        var kept = Assert.Single(versions, v => v.IsDeleteMarker is not true && v.Key.EndsWith("_etcd.backup", StringComparison.Ordinal));
        var e = await Assert.ThrowsAsync<AmazonS3Exception>(() => client.DeleteObjectAsync(bucket, kept.Key, kept.VersionId));
        Assert.Equal(HttpStatusCode.Forbidden, e.StatusCode);
        Assert.DoesNotContain("refuses to delete", service.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_breaks_mid_body_is_resumed_and_one_that_keeps_breaking_ends_the_answer_short_for_all_to_see()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 24, MiB);
        using var proxy = new FaultProxy((await servers.S3).Endpoint);
        await using var service = await StartAsync(etcd, "S3", change: backup => backup["s3"]!["endpoint"] = proxy.Url);
        await service.JsonAsync("/v1/backupnow");
        var whole = await File.ReadAllBytesAsync(await service.DownloadAsync());

        var cuts = 2;
        proxy.OnServerBytes = (_, total, _) =>
            total > 4 * MiB && Interlocked.Decrement(ref cuts) >= 0 ? throw new IOException("cut") : Task.CompletedTask;
        Assert.Equal(whole, await File.ReadAllBytesAsync(await service.DownloadAsync()));
        Assert.True(cuts < 0);

        // Counted over all connections: one that still brings something is resumed for ever, as it should be.
        var sent = 0L;
        proxy.OnServerBytes = (bytes, _, _) =>
            Interlocked.Add(ref sent, bytes.Length) > 3 * MiB ? throw new IOException("cut") : Task.CompletedTask;
        await Assert.ThrowsAsync<HttpRequestException>(() => service.DownloadAsync());

        service.Config["Backups"]!["SilenceTimeoutInSecond"] = 1;
        await service.KillAsync();
        proxy.OnServerBytes = (_, _, _) => Task.CompletedTask;
        await service.StartAsync();
        sent = 0;
        proxy.OnServerBytes = (bytes, _, stop) =>
            Interlocked.Add(ref sent, bytes.Length) > 3 * MiB ? Task.Delay(Timeout.Infinite, stop) : Task.CompletedTask;
        await Assert.ThrowsAsync<HttpRequestException>(() => service.DownloadAsync());
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

    [Fact]
    public async Task Killed_in_the_middle_of_an_upload_it_leaves_nothing_that_is_listed_and_sweeps_the_rest()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await StartAsync(etcd, "S3", start: false, change: backup =>
        {
            backup["backupIntervalInSecond"] = 1;
            backup["maxBackups"] = 4;
        });
        await etcd.PutAsync("/a", 40, MiB);
        service.Config["Backups"]!["SweepAgeInSecond"] = 1;
        await service.StartAsync();
        // bench/kills asks for more
        var times = int.Parse(Environment.GetEnvironmentVariable("ETCDBACKUP_KILLS") ?? "5", CultureInfo.InvariantCulture);
        var moments = new Random(4);
        for (var i = 0; i < times; i++)
        {
            await etcd.PutAsync("/b", 1, seed: i);
            await Task.Delay(moments.Next(0, 700));
            await service.KillAsync();
            await service.StartAsync();
            await CheckAllAsync(service);
        }

        await service.JsonAsync("/v1/backupnow");
        var bucket = service.Config["Clusters"]![0]!["backup"]!["s3"]!["s3Bucket"]!.GetValue<string>();
        using var client = await ClientAsync();
        await Workspace.UntilAsync(async () =>
            (await client.ListMultipartUploadsAsync(bucket)).MultipartUploads is null or [] && Files(service["data/scratch"]).Length == 0,
                "leftovers are swept");
        await CheckAllAsync(service);
    }

    private static async Task CheckAllAsync(ServiceProcess service)
    {
        foreach (var item in (await service.JsonAsync("/v1/clusters/default/example/backups")).GetProperty("items").EnumerateArray())
        {
            using var report = await service.Client.PostAsync(
                $"/v1/clusters/default/example/backups/{item.GetProperty("name").GetString()}/verify", null);
            var text = await report.Content.ReadAsStringAsync();
            Assert.True(JsonNode.Parse(text)!["verification"]?["sound"]?.GetValue<bool>(), text);
        }
    }

    private static string[] Files(string directory) => Directory.Exists(directory) ? Directory.GetFiles(directory) : [];

    private async Task<AmazonS3Client> ClientAsync() => new(
        RadosGateway.AccessKey,
        RadosGateway.SecretKey,
        new AmazonS3Config
        {
            ServiceURL = (await servers.S3).Endpoint,
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            RequestChecksumCalculation = Amazon.Runtime.RequestChecksumCalculation.WHEN_REQUIRED
        });

    private async Task<ServiceProcess> StartAsync(
        EtcdServers etcd, string type, string compression = "None", string encryption = "None", Action<JsonNode>? change = null,
            bool start = true, bool lockObjects = false)
    {
        var service = new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints));
        service.Config["Backups"]!["SecretsDirectory"] = service["secrets"];
        var backup = service.Config["Clusters"]![0]!["backup"]!;
        backup["storageType"] = type;
        backup["compression"] = compression;
        backup["encryption"] = encryption;
        if (type == "S3")
        {
            using var client = await ClientAsync();
            var bucket = "b" + Guid.NewGuid().ToString("N");
            await client.PutBucketAsync(new PutBucketRequest { BucketName = bucket, ObjectLockEnabledForBucket = lockObjects });
            if (lockObjects)
            {
                await client.PutObjectLockConfigurationAsync(new PutObjectLockConfigurationRequest
                {
                    BucketName = bucket,
                    ObjectLockConfiguration = new ObjectLockConfiguration
                    {
                        ObjectLockEnabled = ObjectLockEnabled.Enabled,
                        Rule = new ObjectLockRule
                        {
                            DefaultRetention =
                            new DefaultRetention { Mode = ObjectLockRetentionMode.Compliance, Days = 1 }
                        },
                    },
                });
            }

            RadosGateway.WriteSecret(service["secrets/aws"]);
            backup["s3"] = new JsonObject
            {
                ["s3Bucket"] = bucket,
                ["prefix"] = "prefix",
                ["awsSecret"] = "aws",
                ["endpoint"] = (await servers.S3).Endpoint,
                ["forcePathStyle"] = true
            };
        }
        else if (type == "ABS")
        {
            var endpoint = (await servers.Azure).Endpoint;
            var container = "c" + Guid.NewGuid().ToString("N");
            await new BlobContainerClient(new Uri($"{endpoint}/{container}"), new StorageSharedKeyCredential(Azurite.Account, Azurite.Key))
                .CreateAsync();
            Azurite.WriteSecret(service["secrets/azure"]);
            backup["abs"] = new JsonObject { ["absContainer"] = container, ["absSecret"] = "azure", ["endpoint"] = endpoint };
        }

        if (encryption == "Age")
        {
            await ChildProcess.RunAsync("age-keygen", "-o", service["keys.txt"]);
            service.Config["Backups"]!["AgeKeyFile"] = service["keys.txt"];
        }

        change?.Invoke(backup);
        return start ? await service.StartAsync() : service;
    }
}
