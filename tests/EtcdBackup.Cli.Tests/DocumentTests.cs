using EtcdBackup.Testing;

namespace EtcdBackup.Cli.Tests;

public class DocumentTests(CliService cli) : IClassFixture<CliService>
{
    private const string Expects = "# exit code ";

    // In order: each may need what one before it left.
    [Fact]
    public async Task Each_command_of_the_page_ends_as_the_page_says()
    {
        using var scratch = new ScratchDirectory();
        var lines = File.ReadLines(Path.Combine(Workspace.Root, "docs/cli.md"))
            .Where(l => l.StartsWith("$ ", StringComparison.Ordinal)).Select(l => l[2..]).ToArray();
        Assert.NotEmpty(lines);
        foreach (var line in lines)
        {
            var parts = line.Split(Expects);
            var ended = await cli.BashAsync(parts[0], scratch.Path);
            Assert.True(ended.Code == (parts.Length > 1 ? int.Parse(parts[1]) : 0), $"{line}: {ended}");
        }
    }
}
