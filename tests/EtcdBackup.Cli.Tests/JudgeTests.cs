using System.Text.Json;
using EtcdBackup.Cli.Checking;

namespace EtcdBackup.Cli.Tests;

public class JudgeTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    private static readonly Limits Limits = new(TimeSpan.FromHours(1), MinCount: 2, MinSize: 0.5);

    private const string Well = """
        "lastSuccess": "2026-11-26T11:30:00Z", "backups": 2, "failuresInRow": 0, "recentBackup": { "size": 0.5 }
        """;

    [Theory]
    [InlineData(Well, "")]
    [InlineData(""" "backups": 2, "recentBackup": { "size": 1 } """, "Critical no backup ever succeeded")]
    [InlineData(
        """ "lastSuccess": "2026-11-26T10:59:59Z", "backups": 2, "recentBackup": { "size": 1 } """,
        "Critical no success for 1h0m (at most 1h0m)")]
    [InlineData(""" "lastSuccess": "2026-11-26T11:00:00Z", "backups": 2, "recentBackup": { "size": 1 } """, "")]
    [InlineData(
        """ "lastSuccess": "2026-11-26T12:00:00Z", "backups": 1, "recentBackup": { "size": 1 } """, "Critical 1 backups (at least 2)")]
    [InlineData(
        """ "lastSuccess": "2026-11-26T12:00:00Z", "backups": 2, "recentBackup": { "size": 0.49 } """,
        "Critical the latest has 0.49 MB (at least 0.5 MB)")]
    [InlineData(Well + """, "damaged": ["x"] """, "Critical 1 damaged: x")]
    [InlineData(Well + """, "membersDiffer": "b differs" """, "Critical members differ: b differs")]
    [InlineData(Well + """, "storeProblem": "full" """, "Warning the store: full")]
    [InlineData(Well + """, "warnings": ["NOSPACE"] """, "Warning NOSPACE")]
    [InlineData(Well + """, "warnings": ["NOSPACE"], "damaged": ["x"] """, "Critical 1 damaged: x, Warning NOSPACE")]
    public void A_status_is_judged(string fields, string expected) =>
        Assert.Equal(expected, string.Join(", ", Of(fields).Select(p => $"{p.State} {p.Why}")));

    [Fact]
    public void The_last_failure_is_told() => Assert.Equal(
        [(State.Warning, "3 failures in a row: refused")],
        Of(Well.Replace("\"failuresInRow\": 0", "\"failuresInRow\": 3", StringComparison.Ordinal) +
            """, "lastRuns": [{ "message": "refused" }] """));

    private static IReadOnlyList<(State State, string Why)> Of(string fields) =>
        Judge.Of(JsonDocument.Parse($"{{ {fields} }}").RootElement, Limits, Now);
}
