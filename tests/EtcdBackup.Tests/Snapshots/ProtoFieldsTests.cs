using CsCheck;
using EtcdBackup.Snapshots;
using EtcdBackup.Snapshots.Files;
using Google.Protobuf;
using Mvccpb;

namespace EtcdBackup.Tests.Snapshots;

/// <summary>Our reading of the two messages against the generated classes.</summary>
public class ProtoFieldsTests
{
    private static readonly Gen<long> Number = Gen.OneOf(Gen.Long, Gen.Long[-2, 200], Gen.Const(0L));

    [Fact]
    public void An_entry_is_read_as_the_generated_class_reads_it() =>
        Gen.Select(Gen.Byte.Array[0, 40], Number, Number, Number, Gen.Byte.Array[0, 200], Number).Sample(
            (key, created, modified, version, value, lease) =>
            {
                var entry = new KeyValue
                {
                    Key = ByteString.CopyFrom(key),
                    CreateRevision = created,
                    ModRevision = modified,
                    Version = version,
                    Value = ByteString.CopyFrom(value),
                    Lease = lease,
                };
                Assert.Equal(LastPut.Of(key, modified, created, version, value, lease), LastPut.Read(entry.ToByteArray()));
            });

    [Fact]
    public void Whatever_the_bytes_it_ends_and_takes_no_less_than_the_generated_class() => Gen.Byte.Array[0, 60].Sample(bytes =>
    {
        LastPut? ours;
        try
        {
            ours = LastPut.Read(bytes);
        }
        catch (SnapshotCorruptException)
        {
            return;
        }

        var theirs = KeyValue.Parser.ParseFrom(bytes);
        Assert.Equal(theirs.ModRevision, ours!.Revision);
        Assert.Equal(theirs.Key.ToByteArray(), ours.Key);
    }, iter: 20_000);

    [Theory]
    [InlineData("0A05616263", "in the middle of a field")]
    [InlineData("08FFFFFFFFFFFFFFFFFFFF01", "more than ten bytes")]
    [InlineData("0000", "no field 0")]
    [InlineData("0B", "type 3")]
    public void What_is_broken_is_told(string hex, string told) => Assert.Contains(
        told, Assert.Throws<SnapshotCorruptException>(() => LastPut.Read(Convert.FromHexString(hex))).Message, StringComparison.Ordinal);
}
