using System.Text.RegularExpressions;
using EtcdBackup.Testing;

namespace EtcdBackup.Tests.Architecture;

/// <summary>The folders tell the story, and dependencies run one way along it.</summary>
public partial class LayeringTests
{
    // Each folder may use those before it, and itself.
    private static readonly string[] KnowOrleans = ["/Placement/", "/Grains/", "/Hosting/"];

    private static readonly string[] Order =
        ["Clusters", "Scheduling", "Secrets", "Snapshots", "Etcd", "Stores", "Encodings", "Catalog", "Retention", "Upkeep", "Runs",
        "Placement", "Grains", "Hosting"];

    [Fact]
    public void Every_folder_uses_only_those_before_it()
    {
        foreach (var (folder, file, used) in Usings())
        {
            var allowed = Order[..(Array.IndexOf(Order, folder) + 1)];
            Assert.True(allowed.Contains(used), $"{file} uses EtcdBackup.{used}");
        }
    }

    [Fact]
    public void Only_placement_grains_and_hosting_know_Orleans_and_nothing_knows_AspNetCore()
    {
        foreach (var file in Sources())
        {
            var text = File.ReadAllText(file);
            Assert.DoesNotContain("Microsoft.AspNetCore", text, StringComparison.Ordinal);
            if (!KnowOrleans.Any(f => file.Contains(f, StringComparison.Ordinal)))
            {
                Assert.DoesNotMatch(@"using Orleans|\[(GenerateSerializer|Id\()", text);
            }
        }
    }

    [Fact]
    public void No_line_is_longer_than_140_columns_and_no_file_than_250_lines()
    {
        var files = Directory.GetFiles(Path.Combine(Workspace.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal));
        Assert.All(files, f =>
        {
            var lines = File.ReadAllLines(f);
            Assert.True(lines.Length <= 250, $"{f} has {lines.Length} lines");
            Assert.All(lines, l => Assert.True(l.Length <= 140, $"{f}: {l}"));
        });
    }

    [Fact]
    public void Every_folder_is_in_the_order() =>
        Assert.Equal(Order.Order(),
            Directory.GetDirectories(Path.Combine(Workspace.Root, "src/EtcdBackup")).Select(d => Path.GetFileName(d)!)
            .Except(["bin", "obj"]).Order());

    private static IEnumerable<string> Sources() =>
        Directory.GetFiles(Path.Combine(Workspace.Root, "src/EtcdBackup"), "*.cs", SearchOption.AllDirectories)
        .Where(f => !f.Contains("/obj/", StringComparison.Ordinal));

    private static IEnumerable<(string Folder, string File, string Used)> Usings() => Sources().SelectMany(file =>
        UsingLine().Matches(File.ReadAllText(file))
            .Select(m => (Path.GetRelativePath(Path.Combine(Workspace.Root, "src/EtcdBackup"), file).Split('/')[0], file,
            m.Groups[1].Value)));

    [GeneratedRegex(@"^using EtcdBackup\.([A-Za-z]+)", RegexOptions.Multiline)]
    private static partial Regex UsingLine();
}
