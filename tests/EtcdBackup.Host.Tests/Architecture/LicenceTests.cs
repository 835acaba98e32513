using System.Text.Json;
using System.Xml.Linq;
using EtcdBackup.Testing;

namespace EtcdBackup.Host.Tests.Architecture;

/// <summary>What is published may be given on by anybody.</summary>
public class LicenceTests
{
    private static readonly string[] Allowed = ["MIT", "Apache-2.0", "BSD-3-Clause", "PostgreSQL"];

    // Packages without an expression, whose text somebody has read.
    private static readonly Dictionary<string, string> Read = new(StringComparer.Ordinal)
    {
        ["Apache.Arrow"] = "Apache-2.0",
        ["System.Security.Cryptography.ProtectedData"] = "MIT",
    };

    [Fact]
    public void Each_package_of_the_service_has_a_licence_that_we_know()
    {
        var packages = PackagesOf("EtcdBackup.Host").ToArray();
        Assert.Contains(packages, p => p.Name == "Microsoft.Orleans.Server");
        Assert.All(packages, p => Assert.Contains(p.Licence, Allowed));
    }

    private static IEnumerable<(string Name, string Licence)> PackagesOf(string project)
    {
        var file = Path.Combine(Workspace.Root, "src", project, "obj", "project.assets.json");
        var assets = JsonDocument.Parse(File.ReadAllBytes(file)).RootElement;
        var folders = assets.GetProperty("packageFolders").EnumerateObject().Select(f => f.Name).ToArray();
        foreach (var library in assets.GetProperty("libraries").EnumerateObject())
        {
            if (library.Value.GetProperty("type").GetString() == "package")
            {
                var name = library.Name.Split('/')[0];
                var folder = folders.Select(f => Path.Combine(f, library.Value.GetProperty("path").GetString()!)).First(Directory.Exists);
                yield return (
                    name, Read.TryGetValue(name, out var licence) ? licence : LicenceIn(Directory.GetFiles(folder, "*.nuspec")[0]));
            }
        }
    }

    private static string LicenceIn(string nuspec) =>
        XDocument.Load(nuspec)
            .Descendants().FirstOrDefault(e => e.Name.LocalName == "license" && (string?)e.Attribute("type") == "expression")
            ?.Value ?? "none that a program can read";
}
