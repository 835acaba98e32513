using EtcdBackup.Clusters;
using EtcdBackup.Upkeep;

namespace EtcdBackup.Tests.Upkeep;

/// <summary>Two silos that do not see each other remove at once.</summary>
public class AtOnceTests
{
    private static readonly ClusterSpec Spec = StoredFixture.SpecOf(
        new BackupSpec { MaxBackups = 1, Retention = new RetentionSpec { KeepEarlierLineages = "3650d" } });

    // A lineage has three backups, of which the rules let two go since the newest stays. That is the one that a person deletes.
    [Fact]
    public async Task Between_any_two_calls_of_a_prune_a_deletion_leaves_one_of_the_lineage_or_is_refused()
    {
        var answers = new HashSet<Deletion>();
        for (var at = 0; ; at++)
        {
            using var fixture = new StoredFixture { SpecInForce = () => Spec };
            var old = new[] { fixture.Put(1, 1, 1), fixture.Put(2, 1, 2), fixture.Put(3, 1, 3) }.Select(e => e.Name).ToArray();
            var latest = fixture.Put(1, 2, 4).Name;
            var (calls, left, answer) = (0, Array.Empty<string>(), Deletion.NotFound);
            var pruning = await fixture.AnotherAsync(async () =>
            {
                if (calls++ == at)
                {
                    answer = await fixture.Stored.DeleteAsync(old[2], force: false, CancellationToken.None);
                    left = [.. fixture.Names];
                }
            });
            await pruning.PruneAsync(latest, CancellationToken.None);
            if (calls <= at)
            {
                Assert.Equal([Deletion.Deleted, Deletion.Busy], answers.Order());
                return;
            }

            answers.Add(answer);
            var stays = answer == Deletion.Deleted ? old[..2].LastOrDefault(n => left.Contains(n.ToString())) : old[2];
            Assert.True(
                stays == default || fixture.Names.Contains(stays.ToString()),
                $"before call {at}: {answer}, then {string.Join(", ", left)}, in the end {string.Join(", ", fixture.Names)}");
        }
    }
}
