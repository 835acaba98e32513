using CsCheck;
using EtcdBackup.Snapshots;

namespace EtcdBackup.Tests.Snapshots;

public class KeyTableTests
{
    // Few hashes, and many that begin alike: entries of one key, collisions of places, and the hash that marks an empty place.
    private static readonly Gen<ulong> Hash = Gen.OneOf(Gen.ULong[0, 20], Gen.ULong[0, 3000].Select(h => (h << 40) + 5), Gen.ULong);

    [Fact]
    public void It_has_what_a_dictionary_has() => Gen.Select(Hash, Gen.Bool).Array[0, 4000].Sample(entries =>
    {
        var (table, dictionary) = (new KeyTable(), new Dictionary<ulong, (long, bool)>());
        foreach (var ((hash, isTombstone), i) in entries.Select((e, i) => (e, i)))
        {
            table.Set(hash, i, isTombstone);
            dictionary[hash == 0 ? 1 : hash] = (i, isTombstone);
        }

        Assert.Equal(dictionary.Count, table.Count);
        Assert.Equal(dictionary.Values.Order(), table.Newest.Order());
        table.Clear();
        Assert.Empty(table.Newest);
    });
}
