using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;

namespace EtcdBackup.Tests.Catalog;

public class BackupEntryTests
{
    private static readonly BackupEntry Plain = With(m => m);

    [Fact]
    public void An_object_that_is_as_recorded_is_sound_and_beyond_doubt() => Is(Plain, isSound: true, isDoubtful: false, problem: null);

    [Fact]
    public void Without_metadata_nothing_is_known_against_it_nor_for_it()
    {
        var bare = BackupOrderTests.Entry(revision: 7, incarnation: 0, minute: 1);
        Is(bare, isSound: true, isDoubtful: true, problem: null);
        Assert.Equal((1000, 7, 0, bare.StoredAt, bare.Name.Version),
            (bare.Size, bare.Revision, bare.Incarnation, bare.CreationTime, bare.Version));
    }

    [Fact]
    public void The_metadata_knows_better_than_name_and_object()
    {
        var version = new EtcdVersion(3, 6, 0);
        var entry = With(m => m with { Size = 5000, Revision = 9, CreationTime = m.CreationTime.AddDays(1), Version = version });
        Assert.Equal((5000, 9, 3, Plain.StoredAt.AddDays(1), version),
            (entry.Size, entry.Revision, entry.Incarnation, entry.CreationTime, entry.Version));
    }

    [Fact]
    public void An_object_of_another_size_was_written_over()
    {
        Is(Plain with { StoredSize = 999 }, isSound: false, isDoubtful: true, "it has 999 bytes, and had 1000: somebody wrote over it");
        Is(With(m => m with { StoredSize = 1001 }), false, true, "it has 1000 bytes, and had 1001: somebody wrote over it");
        Is(With(m => m with { StoredSize = 1000, Size = 999 }), false, true, "it has 1000 bytes, and had 1000: somebody wrote over it");
    }

    [Fact]
    public void An_encoded_object_has_another_size_than_the_snapshot_in_it()
    {
        var entry = With(m => m with { Size = 5000, StoredSize = 1000 });
        Is(entry with { Name = entry.Name with { Encoding = BackupEncoding.Zstd } }, isSound: true, isDoubtful: false, problem: null);
        Is(With(m => m with { Size = 5000, StoredSize = null }) with { Name = entry.Name with { Encoding = BackupEncoding.Age } },
            isSound: true, isDoubtful: false, problem: null);
    }

    [Fact]
    public void An_object_with_another_tag_is_in_doubt_and_not_yet_damaged() =>
        Is(Plain with { ObjectTag = "other" }, isSound: true, isDoubtful: true, problem: null);

    [Fact]
    public void What_was_read_and_found_damaged_is_so_and_needs_no_second_look()
    {
        var read = With(m => m with { Verification = new Verification(default, false, "rot") }) with { ObjectTag = "other" };
        Is(read, isSound: false, isDoubtful: false, problem: "rot");
        Is(With(m => m with { Verification = new Verification(default, true, null) }), isSound: true, isDoubtful: false, problem: null);
    }

    private static BackupEntry With(Func<BackupMetadata, BackupMetadata> change)
    {
        var entry = BackupOrderTests.Entry(revision: 7, incarnation: 3, minute: 1);
        return entry with { Metadata = change(entry.Metadata! with { ObjectTag = "t" }), ObjectTag = "t" };
    }

    private static void Is(BackupEntry entry, bool isSound, bool isDoubtful, string? problem) =>
        Assert.Equal((isSound, isDoubtful, problem), (entry.IsSound, entry.IsDoubtful, entry.Problem));
}
