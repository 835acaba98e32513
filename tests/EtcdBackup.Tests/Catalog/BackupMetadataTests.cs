using System.Text;
using System.Text.Json.Nodes;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Tests.Snapshots;

namespace EtcdBackup.Tests.Catalog;

public class BackupMetadataTests
{
    private static readonly BackupEntry Entry = BackupOrderTests.Entry(revision: 15, incarnation: 2, minute: 1);

    [Fact]
    public void What_it_writes_it_reads()
    {
        var metadata = Entry.Metadata! with
        {
            DurationSeconds = 1.5,
            StoredSize = 900,
            StorageVersion = new EtcdVersion(3, 5, 0),
            Proof = new LiveProof(ProofLevel.HashKV, ProofResult.Matched, "equal"),
            Verification = new Verification(DateTimeOffset.UnixEpoch, true, null),
        };
        Assert.Equal(metadata, BackupMetadata.FromJson(metadata.ToJson(), Entry.Name));
    }

    [Theory]
    [InlineData("3.5.30", null, 2ul, null)]
    [InlineData("3.6.14", "3.6.0", 2ul, "3.6.0")]
    [InlineData("3.7.1", "3.6.0", 2ul, "3.6.0")]
    [InlineData("3.6.14", null, 2ul, "3.5.0")] // not all members are of 3.6 yet, or it is being downgraded
    [InlineData("3.6.14", null, null, null)]
    [InlineData("3.6.14", "garbage", 2ul, null)]
    public void The_storage_version_is_what_the_file_tells(string server, string? written, ulong? term, string? expected)
    {
        var report = TestReports.Of(1) with { StorageVersion = written, Term = term };
        Assert.Equal(expected, BackupMetadata.StorageVersionOf(EtcdVersion.Parse(server), report)?.ToString());
    }

    [Fact]
    public void The_document_is_for_people_too_and_leaves_out_what_is_unknown()
    {
        var text = Encoding.UTF8.GetString((Entry.Metadata! with
        {
            Proof = new LiveProof(ProofLevel.Revision, ProofResult.NotComparable, "gone"),
        }).ToJson());
        Assert.Contains("\n  \"revision\": 15,\n", text, StringComparison.Ordinal);
        Assert.Contains("\"result\": \"notComparable\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("null", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("format", "2", "the metadata has format 2, and this build knows up to 1: use a newer build")]
    [InlineData("format", "0", "the metadata has format 0, and this build knows up to 1: use a newer build")]
    [InlineData("sha256", "\"00\"", "the metadata is damaged: '00' is no SHA-256")]
    [InlineData("revision", "16", "it says revision 16 of version 3.5.30, and is of '3.5.30_000000000000000f_t2_etcd.backup'")]
    [InlineData("version", "\"3.5.31\"", "it says revision 15 of version 3.5.31, and is of '3.5.30_000000000000000f_t2_etcd.backup'")]
    [InlineData("position", "{ \"clusterId\": null }", "the metadata is damaged: ")]
    [InlineData("size", "\"x\"", "the metadata is damaged: ")]
    [InlineData("name", "\"3.5.30_0000000000000010_etcd.backup\"",
        "the metadata is that of another backup, '3.5.30_0000000000000010_etcd.backup'")]
    public void A_document_that_cannot_be_used_says_why(string field, string value, string problem)
    {
        var document = JsonNode.Parse(Entry.Metadata!.ToJson())!;
        document[field] = JsonNode.Parse(value);
        Refused(document.ToJsonString(), problem);
    }

    [Theory]
    [InlineData("null", "the metadata is 'null'")]
    [InlineData("{", "the metadata is damaged: ")]
    public void What_is_no_document_says_so(string json, string problem) => Refused(json, problem);

    [Fact]
    public void Of_a_file_that_could_be_read_it_counts_what_is_in_it()
    {
        var report = TestReports.Of(14) with { Term = 3, ConsistentIndex = 40 };
        var rebuilt = BackupMetadata.Rebuild(Entry, 5, "", report);
        Assert.Equal((14, report, new ClusterPosition("", 14, 3, 40)), (rebuilt.Revision, rebuilt.Snapshot, rebuilt.Position));
        Assert.Null(rebuilt.WithoutSnapshot().Snapshot);
    }

    [Fact]
    public void One_letter_that_is_no_digit_makes_it_no_sha256() => Refused(
        Encoding.UTF8.GetString((Entry.Metadata! with { Sha256 = new string('0', 63) + "g" }).ToJson()), "is no SHA-256");

    [Theory]
    [InlineData('A', 64)]
    [InlineData('g', 64)]
    [InlineData('0', 63)]
    [InlineData('0', 65)]
    public void Only_64_small_hex_digits_are_a_sha256(char digit, int count) =>
        Refused(Encoding.UTF8.GetString((Entry.Metadata! with { Sha256 = new string(digit, count) }).ToJson()), "is no SHA-256");

    [Fact]
    public void Of_a_backup_whose_metadata_was_lost_the_file_tells_what_it_can()
    {
        var lost = Entry with { Metadata = null };
        var rebuilt = BackupMetadata.Rebuild(lost, 5, "", null);
        Assert.Equal((15, lost.Name.Version, lost.StoredAt, 5, "", true),
            (rebuilt.Revision, rebuilt.Version, rebuilt.CreationTime, rebuilt.Size, rebuilt.Member, rebuilt.Rebuilt));
        Assert.Equal(new ClusterPosition("", 15, 0, 0), rebuilt.Position);
        Assert.Equal(new Lineage("", 0, "t2"), rebuilt.Lineage);

        // Its file may hold another revision than its name, and have no hash.
        var read = rebuilt with { Revision = 14 };
        Assert.Equal(read, BackupMetadata.FromJson(read.ToJson(), lost.Name));
    }

    [Theory]
    [InlineData("""{ "format": 2 }""", true)]
    [InlineData("""{ "format": 1 }""", false)]
    [InlineData("""{ "format": "2" }""", false)]
    [InlineData("""{ "format": 2.5 }""", false)]
    [InlineData("""{ "other": 2 }""", false)]
    [InlineData("[2]", false)]
    [InlineData("{", false)]
    public void A_newer_document_is_told_from_a_damaged_one(string json, bool isNewer) =>
        Assert.Equal(isNewer, BackupMetadata.IsNewer(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("3.5.30_000000000000000f_etcd.backup.json", true)]
    [InlineData("3.5.30_000000000000000f_etcd.backup.txt", false)]
    [InlineData("3.5.30_000000000000000f_etcd.backup", false)]
    [InlineData("notes.json", false)]
    public void A_documents_name_is_its_backups_and_json(string document, bool isOne)
    {
        Assert.Equal(isOne, BackupMetadata.TryNameOf(document, out var name));
        Assert.Equal(isOne ? BackupName.Parse("3.5.30_000000000000000f_etcd.backup") : default, name);
    }

    [Fact]
    public void After_a_reading_the_object_that_was_read_is_recorded()
    {
        var verification = new Verification(DateTimeOffset.UnixEpoch, true, null);
        var read = Entry.Metadata!.ReadAs(verification, "tag", 77);
        Assert.Equal((verification, "tag", 77), (read.Verification, read.ObjectTag, read.StoredSize));
        Assert.Equal(Entry.Metadata, read with { Verification = null, ObjectTag = "", StoredSize = null });
    }

    private static void Refused(string json, string problem) => Assert.Contains(
        problem, Assert.Throws<FormatException>(() => BackupMetadata.FromJson(Encoding.UTF8.GetBytes(json), Entry.Name)).Message,
        StringComparison.Ordinal);
}
