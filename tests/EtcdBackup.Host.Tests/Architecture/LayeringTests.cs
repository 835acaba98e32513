using System.Runtime.InteropServices;
using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using EtcdBackup.Clusters;
using EtcdBackup.Clustering.Kubernetes;
using EtcdBackup.Kubernetes;
using EtcdBackup.Snapshots;
using EtcdBackup.Testing;

namespace EtcdBackup.Host.Tests.Architecture;

/// <summary>The folders tell the story, and what one type needs of another runs one way along it.</summary>
public class LayeringTests
{
    // Each folder of the core may use those before it, and itself. One of them is a project of its own: the command line has it too.
    private static readonly string[] Order =
        ["Clusters", "Scheduling", "Secrets", "Tls", "Snapshots", "Etcd", "Stores", "Encodings", "Catalog", "ChangeLog", "Retention",
        "Upkeep", "Runs", "Placement", "Grains", "Hosting"];

    private static readonly string[] KnowOrleans = ["Placement", "Grains", "Hosting"];

    public static TheoryData<string> Projects =>
        ["EtcdBackup", "EtcdBackup.Host", "EtcdBackup.Kubernetes", "EtcdBackup.Clustering.Kubernetes", "EtcdBackup.Cli"];

    [Fact]
    public void Every_folder_of_the_core_uses_only_those_before_it()
    {
        var uses = Uses("EtcdBackup");
        Assert.NotEmpty(uses);
        Assert.All(uses, u => Assert.True(
            Array.IndexOf(Order, u.To) < Array.IndexOf(Order, u.From), $"{u.From} comes before {u.To}, and {u.Why}"));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_folders_of_a_project_need_each_other(string project)
    {
        // What needs none that is left is taken away: what stays in the end is a circle, or hangs on one.
        var left = Uses(project).ToList();
        while (left.RemoveAll(u => !left.Exists(v => v.From == u.To)) > 0)
        {
        }

        Assert.True(left.Count == 0, string.Join(Environment.NewLine, left.Select(u => u.Why)));
    }

    [Fact]
    public void Only_placement_grains_and_hosting_know_Orleans_and_nothing_of_the_core_knows_AspNetCore()
    {
        foreach (var (type, target) in Dependencies("EtcdBackup").Where(d => Room("EtcdBackup", d.Type) is not null))
        {
            var why = $"{type.FullName} needs {target.FullName}";
            Assert.False(target.FullName.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal), why);
            Assert.False(
                target.FullName.StartsWith("Orleans.", StringComparison.Ordinal) && !KnowOrleans.Contains(Room("EtcdBackup", type)), why);
        }
    }

    [Fact]
    public void Every_folder_is_in_the_order() =>
        Assert.Equal(Order.Order(),
            Directory.GetDirectories(Path.Combine(Workspace.Root, "src/EtcdBackup")).Select(d => Path.GetFileName(d)!)
            .Except(["bin", "obj"]).Append("Snapshots").Order());

    // Whatever it references, everybody who installs the command line has.
    [Fact]
    public void What_reads_snapshots_needs_nothing_but_NET_and_its_hashes() =>
        Assert.Equal(["System.IO.Hashing"],
            AssemblyOf("EtcdBackup.Snapshots").GetReferencedAssemblies().Select(a => a.Name)
            .Where(n => !File.Exists(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), n + ".dll"))));

    [Fact]
    public void Namespaces_are_the_folders_names()
    {
        Assert.All(Sources("src"), f =>
        {
            var folder = Path.GetDirectoryName(Path.GetRelativePath(Path.Combine(Workspace.Root, "src"), f))!.Replace('/', '.');
            var said = File.ReadLines(f).FirstOrDefault(l => l.StartsWith("namespace ", StringComparison.Ordinal));
            Assert.True(said is null || said == $"namespace {folder};", $"{f} says {said}");
        });
    }

    [Fact]
    public void No_line_is_longer_than_140_columns_and_no_file_than_250_lines() => Assert.All(Sources("src", "tests", "bench"), f =>
    {
        var lines = File.ReadAllLines(f);
        Assert.True(lines.Length <= 250, $"{f} has {lines.Length} lines");
        Assert.All(lines, l => Assert.True(l.Length <= 140, $"{f}: {l}"));
    });

    private static IEnumerable<string> Sources(params string[] directories) => directories.SelectMany(d =>
        Directory.GetFiles(Path.Combine(Workspace.Root, d), "*.cs", SearchOption.AllDirectories))
        .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));

    private static IReadOnlyList<(string From, string To, string Why)> Uses(string project) =>
        [.. Dependencies(project).Select(d => (From: Room(project, d.Type), To: Room(project, d.Target),
            Why: $"{d.Type.FullName} needs {d.Target.FullName}"))
        .Where(u => u is { From: not null, To: not null } && u.From != u.To).DistinctBy(u => (u.From, u.To))
        .Select(u => (u.From!, u.To!, u.Why))];

    private static IEnumerable<(IType Type, IType Target)> Dependencies(string project)
    {
        var architecture = new ArchLoader().LoadAssemblies([.. AssembliesOf(project)]).Build();
        return architecture.Types.SelectMany(t => t.Dependencies, (t, d) => (t, d.Target));
    }

    // What the compiler and Orleans make themselves stands elsewhere, and counts for nothing.
    private static string? Room(string project, IType type)
    {
        var name = type.FullName;
        var assembly = type.Assembly?.FullName.Split(',')[0];
        var isOurs = AssembliesOf(project).Any(a => a.GetName().Name == assembly) &&
            name.StartsWith(project + ".", StringComparison.Ordinal);
        if (!isOurs)
        {
            return null;
        }

        var parts = name[(project.Length + 1)..].Split('.');
        return parts.Length > 1 ? parts[0] : "the root";
    }

    private static IEnumerable<System.Reflection.Assembly> AssembliesOf(string project) => project == "EtcdBackup"
        ? [AssemblyOf(project), AssemblyOf("EtcdBackup.Snapshots")] : [AssemblyOf(project)];

    private static System.Reflection.Assembly AssemblyOf(string project) => project switch
    {
        "EtcdBackup" => typeof(ClusterKey).Assembly,
        "EtcdBackup.Snapshots" => typeof(SnapshotReport).Assembly,
        "EtcdBackup.Kubernetes" => typeof(KubernetesSourceOptions).Assembly,
        "EtcdBackup.Clustering.Kubernetes" => typeof(KubernetesClusteringOptions).Assembly,
        "EtcdBackup.Cli" => typeof(Cli.CommandLine).Assembly,
        _ => typeof(ServiceParts).Assembly,
    };
}
