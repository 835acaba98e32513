#!/usr/bin/env -S dotnet run
#:package Microsoft.CodeAnalysis.CSharp
#:property RestorePackagesWithLockFile=false

// scripts/house.cs DIRECTORY...: measures the C# projects below each directory, so that two code bases stand side by side.
// It goes by syntax and by names alone, and so needs nothing built: a type is who has its name within the project.
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

const int LongFile = 250;
const int WideLine = 140;
const int LongMethod = 40;

if (args.Length == 0)
{
    Console.Error.WriteLine("house.cs DIRECTORY...: measures the C# projects below each directory");
    return 64;
}

foreach (var directory in args)
{
    Tell(directory);
}

return 0;

static void Tell(string directory)
{
    var projects = Directory.GetFiles(directory, "*.csproj", SearchOption.AllDirectories).Order()
        .Select(p => SourceProject.Read(Path.GetDirectoryName(p)!)).Where(p => p.Files.Count > 0).ToArray();
    var files = projects.SelectMany(p => p.Files).ToArray();
    var lengths = files.Select(f => f.Lines.Length).Order().ToArray();
    var methods = files.SelectMany(f => f.Methods).ToArray();
    var strangers = projects.SelectMany(p => p.UnfindableTypes([.. projects.Where(o => o != p)])).ToArray();
    var doors = projects.SelectMany(p => p.UnreachedTypes([.. projects.Where(o => o != p)])).ToArray();
    Console.WriteLine($"{directory}: {projects.Length} projects, {files.Length} files");
    Console.WriteLine($"  lines of a file, median / p90 / max    {At(lengths, 0.5)} / {At(lengths, 0.9)} / {lengths[^1]}");
    Row($"files over {LongFile} lines", files.Where(f => f.Lines.Length > LongFile).Select(f => f.Path));
    Row($"lines over {WideLine} columns", files.SelectMany(f => f.Lines.Where(l => l.Length > WideLine).Select(_ => f.Path)));
    var longMethods = methods.Where(m => m.Lines > LongMethod).Select(m => $"{m.Name} ({m.Lines})");
    Row($"methods over {LongMethod} lines, of {methods.Length}", longMethods);
    Row("circles of folders, by type", projects.SelectMany(p => p.Circles()));
    Row("types used by other folders, in no file of their name", strangers);
    Row($"public types, of {projects.Sum(p => p.Types.Count(t => t.IsPublic))}, that no other project comes by", doors);
}

static int At(int[] sorted, double part) => sorted[(int)((sorted.Length - 1) * part)];

static void Row(string what, IEnumerable<string> found)
{
    var all = found.ToArray();
    Console.WriteLine($"  {what,-58} {all.Length}");
    if (Environment.GetEnvironmentVariable("HOUSE_LIST") is { Length: > 0 })
    {
        foreach (var alike in all.GroupBy(x => x))
        {
            Console.WriteLine($"      {alike.Key}{(alike.Count() > 1 ? $" ×{alike.Count()}" : "")}");
        }
    }
}

/// <summary>A type, and where it stands.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsPublic">Whether it says so of itself.</param>
/// <param name="Folder">Its folder, from the project's on.</param>
/// <param name="File">Its file.</param>
/// <param name="Extensions">Its extension methods: who calls one names the class.</param>
/// <param name="Surface">The names in what it shows to others: base types, and signatures of public members.</param>
internal sealed record TypeAt(string Name, bool IsPublic, string Folder, string File, string[] Extensions, string[] Surface);

/// <summary>A source file, read.</summary>
internal sealed record SourceFile(
    string Path, string Folder, string[] Lines, HashSet<string> Names, HashSet<string> Calls, TypeAt[] Types,
    (string Name, int Lines)[] Methods);

/// <summary>The files below one project file.</summary>
internal sealed class SourceProject(string root, List<SourceFile> files)
{
    public List<SourceFile> Files => files;

    public TypeAt[] Types { get; } = [.. files.SelectMany(f => f.Types)];

    private readonly Dictionary<string, string> _folders = files.SelectMany(f => f.Types).GroupBy(t => t.Name)
        .Where(g => g.Select(t => t.Folder).Distinct().Count() == 1).ToDictionary(g => g.Key, g => g.First().Folder);

    public HashSet<string> Calls { get; } = [.. files.SelectMany(f => f.Calls)];

    public HashSet<string> Names { get; } = [.. files.SelectMany(f => f.Names)];

    public static SourceProject Read(string root)
    {
        var sources = Directory.GetFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(f => !Path.GetRelativePath(root, f).Split('/').Any(p => p is "obj" or "bin"));
        return new SourceProject(root, [.. sources.Order().Select(f => ReadFile(root, f))]);
    }

    /// <summary>Types that another folder or project names, and that stand in no file of their name.</summary>
    public IEnumerable<string> UnfindableTypes(SourceProject[] others) => Types.Where(t => !IsFoundBy(t) &&
            (NamedBy(t).Any(f => f.Folder != t.Folder) || (t.IsPublic && others.Any(o => o.Names.Contains(t.Name)))))
        .Select(t => $"{t.Name} in {t.File}").Distinct();

    /// <summary>Public types that others neither name nor meet in the surface of one that they name.</summary>
    public IEnumerable<string> UnreachedTypes(SourceProject[] others)
    {
        var known = Types.Where(t => others.Any(o => o.Names.Contains(t.Name) || t.Extensions.Any(o.Calls.Contains))).ToHashSet();
        for (var before = 0; before < known.Count;)
        {
            before = known.Count;
            var met = known.SelectMany(t => t.Surface).ToHashSet();
            known.UnionWith(Types.Where(t => met.Contains(t.Name)));
        }

        return Types.Where(t => t.IsPublic && !known.Contains(t)).Select(t => t.Name).Distinct();
    }

    /// <summary>
    /// Each set of folders that need each other, with what makes it one. A folder and those inside it are one room to those outside, and
    /// the folders inside one another's neighbours.
    /// </summary>
    public IEnumerable<string> Circles() => files.Select(f => f.Folder).SelectMany(Parents).Distinct().Order().SelectMany(CirclesIn);

    private IEnumerable<string> CirclesIn(string parent)
    {
        var uses = files.SelectMany(f => f.Names, (f, name) => (From: RoomIn(parent, f.Folder), To: RoomIn(parent, FolderOf(name)), name))
            .Where(e => e.From is not null && e.To is not null && e.To != e.From).Distinct().ToArray();
        var next = uses.ToLookup(e => e.From!, e => e.To!);
        var reach = uses.SelectMany(e => new[] { e.From!, e.To! }).Distinct().ToDictionary(f => f, f => Reachable(f, next));
        var left = reach.Keys.Order().ToList();
        while (left.Count > 0)
        {
            var circle = left.Where(f => f == left[0] || (reach[left[0]].Contains(f) && reach[f].Contains(left[0]))).ToArray();
            left = [.. left.Except(circle)];
            if (circle.Length > 1)
            {
                var why = uses.Where(e => circle.Contains(e.From) && circle.Contains(e.To)).GroupBy(e => (e.From, e.To))
                    .Select(g => $"{g.Key.From} needs {string.Join(", ", g.Select(e => e.name))} of {g.Key.To}");
                yield return $"{Path.GetFileName(root)}{parent}: {string.Join(" ↔ ", circle)}: {string.Join("; ", why)}";
            }
        }
    }

    private static IEnumerable<string> Parents(string folder)
    {
        var parts = folder.Split('/');
        return Enumerable.Range(0, parts.Length).Select(n => string.Concat(parts.Take(n).Select(p => "/" + p)));
    }

    // The folder directly below the parent that this one is, or is in; files of the parent itself are "(here)" at the project's root only.
    private static string? RoomIn(string parent, string? folder)
    {
        if (folder is null || !$"/{folder}/".StartsWith(parent + "/", StringComparison.Ordinal))
        {
            return null;
        }

        var room = folder == "" ? "" : $"/{folder}"[parent.Length..].TrimStart('/').Split('/')[0];
        return room != "" ? room : parent == "" ? "(here)" : null;
    }

    private static HashSet<string> Reachable(string from, ILookup<string, string> uses)
    {
        var seen = new HashSet<string>();
        var waiting = new Stack<string>(uses[from]);
        while (waiting.TryPop(out var folder))
        {
            if (seen.Add(folder))
            {
                foreach (var next in uses[folder])
                {
                    waiting.Push(next);
                }
            }
        }

        return seen;
    }

    // Of a name that several folders have, nobody but a compiler knows which is meant.
    private string? FolderOf(string name) => _folders.TryGetValue(name, out var folder) ? folder : null;

    private IEnumerable<SourceFile> NamedBy(TypeAt type) =>
        FolderOf(type.Name) is null ? [] : files.Where(f => f.Names.Contains(type.Name));

    private bool IsFoundBy(TypeAt type) => Types.Where(t => t.Name == type.Name).Any(t => Path.GetFileName(t.File).Split('.')[0] == t.Name);

    private static SourceFile ReadFile(string root, string file)
    {
        var text = File.ReadAllText(file);
        var tree = CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Preview)).GetRoot();
        var folder = Path.GetDirectoryName(Path.GetRelativePath(root, file))!;
        var names = tree.DescendantNodes().OfType<SimpleNameSyntax>().Where(CanBeType).Select(n => n.Identifier.ValueText);
        var calls = tree.DescendantNodes().OfType<SimpleNameSyntax>().Where(n => n.Parent is MemberAccessExpressionSyntax m && m.Name == n)
            .Select(n => n.Identifier.ValueText);
        var types = tree.DescendantNodes().OfType<MemberDeclarationSyntax>()
            .Where(m => m is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
            .Where(m => m.Parent is BaseNamespaceDeclarationSyntax or CompilationUnitSyntax)
            .Select(m => new TypeAt(NameOf(m), m.Modifiers.Any(SyntaxKind.PublicKeyword), folder, file, Extensions(m), Surface(m)));
        var methods = tree.DescendantNodes().OfType<BaseMethodDeclarationSyntax>()
            .Select(m => (Name: (m as MethodDeclarationSyntax)?.Identifier.ValueText ?? "constructor", Lines: LinesOf(m)))
            .Select(m => ($"{Path.GetFileName(file)}: {m.Name}", m.Lines));
        return new SourceFile(file, folder, text.TrimEnd('\n').Split('\n'), [.. names], [.. calls], [.. types], [.. methods]);
    }

    // A property, a local or a method may bear a type's name too: those stand where values stand.
    private static bool CanBeType(SimpleNameSyntax name) => name.FirstAncestorOrSelf<UsingDirectiveSyntax>() is null && name.Parent switch
    {
        MemberAccessExpressionSyntax access => access.Expression == name,
        ObjectCreationExpressionSyntax or CastExpressionSyntax or TypeOfExpressionSyntax or ArrayCreationExpressionSyntax => true,
        BinaryExpressionSyntax binary => binary.Right == name && binary.Kind() is (SyntaxKind.IsExpression or SyntaxKind.AsExpression),
        ExpressionSyntax and not TypeSyntax => false,
        ArgumentSyntax or NameColonSyntax or NameEqualsSyntax or EqualsValueClauseSyntax => false,
        ReturnStatementSyntax or ArrowExpressionClauseSyntax => false,
        InterpolationSyntax or IfStatementSyntax or ForEachStatementSyntax or ExpressionElementSyntax or SpreadElementSyntax =>
            name.Parent is ForEachStatementSyntax each && each.Type == name,
        _ => true,
    };

    private static string[] Extensions(MemberDeclarationSyntax type) => [.. type.ChildNodes().OfType<MethodDeclarationSyntax>()
        .Where(m => m.ParameterList.Parameters.FirstOrDefault()?.Modifiers.Any(SyntaxKind.ThisKeyword) is true)
        .Select(m => m.Identifier.ValueText)];

    private static string[] Surface(MemberDeclarationSyntax type)
    {
        IEnumerable<SyntaxNode> members = type.ChildNodes().OfType<MemberDeclarationSyntax>()
            .Where(m => type is InterfaceDeclarationSyntax ||
                m.Modifiers.Any(x => x.Kind() is SyntaxKind.PublicKeyword or SyntaxKind.ProtectedKeyword));
        return [.. members.Concat(type.ChildNodes().Where(n => n is BaseListSyntax or ParameterListSyntax))
            .SelectMany(m => m.DescendantNodes(n => n is not (BlockSyntax or ArrowExpressionClauseSyntax or EqualsValueClauseSyntax)))
            .OfType<SimpleNameSyntax>().Select(n => n.Identifier.ValueText).Distinct()];
    }

    private static string NameOf(MemberDeclarationSyntax member) =>
        member is BaseTypeDeclarationSyntax type ? type.Identifier.ValueText : ((DelegateDeclarationSyntax)member).Identifier.ValueText;

    private static int LinesOf(BaseMethodDeclarationSyntax method)
    {
        var span = method.SyntaxTree.GetLineSpan(method.Span);
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }
}
