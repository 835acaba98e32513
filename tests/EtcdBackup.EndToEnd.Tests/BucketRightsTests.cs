using System.Net;
using System.Text.Json.Nodes;
using Amazon.S3;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>What a bucket allows, refuses and keeps.</summary>
public sealed class BucketRightsTests(ObjectStores servers)
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task The_policy_of_the_documentation_is_enough_and_no_more()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 24, MiB);
        await using var service =
            await NewStore.ServiceAsync(servers, etcd, "S3", start: false, change: backup => backup["maxBackups"] = 1);
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
        await using var service = await NewStore.ServiceAsync(servers, etcd, "S3", change: backup => backup["maxBackups"] = 1);
        var bucket = service.Config["Clusters"]![0]!["backup"]!["s3"]!["s3Bucket"]!.GetValue<string>();
        using var client = await ClientAsync();
        await client.PutBucketPolicyAsync(bucket, $$"""
            { "Version": "2012-10-17", "Statement": [ { "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject",
                "Resource": "arn:aws:s3:::{{bucket}}/prefix/v1/*" } ] }
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
        await using var service =
            await NewStore.ServiceAsync(servers, etcd, "S3", change: backup => backup["maxBackups"] = 1, lockObjects: true);
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

    private async Task<AmazonS3Client> ClientAsync() => NewStore.Client(await servers.S3);
}
