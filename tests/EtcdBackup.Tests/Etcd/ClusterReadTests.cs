using EtcdBackup.Etcd;
using EtcdBackup.Snapshots;

namespace EtcdBackup.Tests.Etcd;

/// <summary>What members say together that do not say the same.</summary>
public class ClusterReadTests
{
    private static readonly LastPut Put = new("k"u8.ToArray(), 4, 2, 2, "hash");

    // One letter a member: y holds the put, n does not, ? cannot tell, - does not answer.
    [Theory]
    [InlineData("y", true, 1, 0)]
    [InlineData("n", false, 1, 0)]
    [InlineData("nyy", true, 2, 1)]
    [InlineData("nny", false, 2, 0)] // the third one is not waited for
    [InlineData("ny", true, 1, 1)]
    [InlineData("n?-", false, 1, 0)]
    [InlineData("??y", true, 1, 0)]
    [InlineData("??", null, 2, 0)]
    public async Task Most_members_decide(string members, bool? holds, int agreeing, int differing)
    {
        var read = (await ReadAsync(members, m => m))!;
        Assert.Equal((holds, agreeing, differing), (read.HoldsLastPut, read.Agreeing.Count, read.Differing.Count));
        Assert.Equal(members.IndexOf(holds switch { true => 'y', false => 'n', _ => '?' }, StringComparison.Ordinal), read.Revision);
    }

    [Fact]
    public async Task A_member_with_two_endpoints_has_one_vote() =>
        Assert.True((await ReadAsync("nny", m => Math.Max(1, m)))!.HoldsLastPut);

    [Fact]
    public async Task Without_an_answer_nothing_is_known() => Assert.Null(await ReadAsync("--", m => m));

    private static Task<ClusterRead?> ReadAsync(string members, Func<int, int> memberOf) => ClusterRead.OfAsync(
        new Cluster(members),
        Enumerable.Range(0, members.Length).Select(i => new MemberStatus { Endpoint = EndpointOf(i), MemberId = (ulong)memberOf(i) }),
        Put, isLocal: false, CancellationToken.None);

    private static Uri EndpointOf(int member) => new($"http://m:{member + 1}");

    private sealed class Cluster(string members) : IEtcdCluster
    {
        public Task<MemberRead?> ReadAsync(Uri endpoint, LastPut? lastPut, bool isLocal, CancellationToken cancellationToken) =>
            Task.FromResult<MemberRead?>(members[endpoint.Port - 1] switch
            {
                '-' => null,
                'y' => new MemberRead(endpoint.Port - 1, true),
                'n' => new MemberRead(endpoint.Port - 1, false),
                _ => new MemberRead(endpoint.Port - 1, null),
            });

        public Task<IReadOnlyList<MemberStatus>> ProbeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<MemberStatus> ProbeAsync(Uri endpoint, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IWatchedMember Watched(Uri endpoint) => throw new NotSupportedException();

        public void Dispose()
        {
            // nothing is open
        }
    }
}
