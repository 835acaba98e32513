using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Host.Api;
using Microsoft.AspNetCore.Http;

namespace EtcdBackup.Host.Tests.Api;

public class BackupQueryTests
{
    private static readonly ClusterKey Cluster = new("default", "example");

    [Theory]
    [InlineData("")]
    [InlineData("?etcdVersion=")]
    [InlineData("?etcdVersion=&etcdRevision=")]
    public void Without_values_the_latest_is_meant_whatever_its_version(string query)
    {
        var parsed = Parse(query);
        Assert.Equal(new BackupQuery(null, null), parsed);
        Assert.Equal((null, null, null), (parsed.Question.Name, parsed.Question.Version, parsed.Question.Revision));
        Assert.Equal("3.5.30", parsed.Check(Found("3.5.30"), Cluster).Version.ToString());
    }

    [Theory]
    [InlineData("2026-11-24T12:00:00Z", "2026-11-24T12:00:00.0000000+00:00")]
    [InlineData("2026-11-24t12:00:00.25z", "2026-11-24T12:00:00.2500000+00:00")]
    [InlineData("2026-11-24T12:00:00%2B02:00", "2026-11-24T10:00:00.0000000+00:00")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000+00:00")]
    public void A_moment_is_written_as_RFC_3339_does(string time, string means) =>
        Assert.Equal(means, Parse($"?etcdVersion=3.5.30&time={time}").Time!.Value.ToString("O"));

    [Theory]
    [InlineData("2026-11-24T12:00:00")]
    [InlineData("2026-11-24T12:00Z")]
    [InlineData("2026-11-24")]
    [InlineData("2026-02-30T12:00:00Z")]
    [InlineData("yesterday")]
    [InlineData("1764000000")]
    public void Another_moment_is_refused(string time) => Refused(400, "write it as RFC 3339 does", () => Parse($"?time={time}"));

    [Fact]
    public void A_moment_and_a_revision_at_once_are_refused() => Refused(
        400, "give one of them", () => Parse("?etcdVersion=3.5.30&etcdRevision=2&time=2026-11-24T12:00:00Z"));

    [Theory]
    [InlineData("3.5.0", true)]
    [InlineData("3.6.1", true)]
    [InlineData("3.4.0", false)]
    [InlineData("3.7.0", false)]
    [InlineData("4.5.0", false)]
    public void A_version_gets_the_latest_if_that_restores_it(string version, bool isGiven)
    {
        var query = Parse($"?etcdVersion={version}");
        Assert.Equal((null, null), (query.Question.Version, query.Question.Revision));
        if (isGiven)
        {
            Assert.NotNull(query.Check(Found("3.5.30"), Cluster));
        }
        else
        {
            Refused(400, "does not restore", () => query.Check(Found("3.5.30"), Cluster));
        }
    }

    // A member of 3.6 writes files for 3.5 while others are of 3.5 still, and again after 'etcdctl downgrade enable'.
    [Theory]
    [InlineData("3.5.30", true)]
    [InlineData("3.6.14", true)]
    [InlineData("3.7.1", true)]
    [InlineData("3.4.42", false)]
    [InlineData("3.8.0", false)]
    public void What_the_file_needs_decides(string version, bool isGiven)
    {
        var found = Found("3.6.14") with { Metadata = OfStorage("3.6.14", "3.5.0") };
        var query = Parse($"?etcdVersion={version}");
        if (isGiven)
        {
            Assert.Same(found, query.Check(found, Cluster));
        }
        else
        {
            Refused(400, "the latest backup is from etcd 3.6.14 and does not restore", () => query.Check(found, Cluster));
        }
    }

    [Fact]
    public void A_version_and_a_revision_ask_for_just_that_backup()
    {
        var query = Parse("?etcdVersion=3.5.30&etcdRevision=6");
        Assert.Equal((new EtcdVersion(3, 5, 30), 6L), (query.Question.Version!.Value, query.Question.Revision!.Value));
        Assert.NotNull(query.Check(Found("3.5.30"), Cluster));
        Refused(404, "no backup at revision 6 of etcd 3.5.30", () => query.Check(null, Cluster));
    }

    [Fact]
    public void Without_a_backup_there_is_none() =>
        Refused(404, "default/example has no backup yet", () => Parse("?etcdVersion=3.5.30").Check(null, Cluster));

    [Theory]
    [InlineData("?etcdVersion=latest", "no semantic version")]
    [InlineData("?etcdRevision=6", "without an etcdVersion")]
    [InlineData("?etcdVersion=3.5.30&etcdRevision=0", "from 1 to")]
    [InlineData("?etcdVersion=3.5.30&etcdRevision=-1", "from 1 to")]
    [InlineData("?etcdVersion=3.5.30&etcdRevision=0x6", "from 1 to")]
    [InlineData("?etcdVersion=3.5.30&etcdRevision=%2B6", "from 1 to")]
    [InlineData("?etcdVersion=3.5.30&etcdRevision=9223372036854775808", "from 1 to")]
    public void What_makes_no_sense_is_a_bad_request(string query, string because) => Refused(400, because, () => Parse(query));

    private static BackupQuery Parse(string query) =>
        BackupQuery.Parse(new QueryCollection(Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(query)));

    private static BackupEntry Found(string version) => new()
    {
        Name = BackupName.Parse($"{version}_0000000000000006_etcd.backup"),
        StoredSize = 1,
        StoredAt = DateTimeOffset.UnixEpoch,
    };

    private static BackupMetadata OfStorage(string version, string storage) => BackupMetadata.Rebuild(Found(version), 1, "", null) with
    {
        StorageVersion = EtcdVersion.Parse(storage),
    };

    private static void Refused(int status, string because, Func<object> ask)
    {
        var refused = Assert.Throws<ApiException>(ask);
        Assert.Equal(status, refused.Status);
        Assert.Contains(because, refused.Message, StringComparison.Ordinal);
    }
}
