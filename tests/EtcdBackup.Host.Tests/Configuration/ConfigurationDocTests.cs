using System.Globalization;
using EtcdBackup.Host.Configuration;
using EtcdBackup.Testing;

namespace EtcdBackup.Host.Tests.Configuration;

public class ConfigurationDocTests
{
    [Fact]
    public void The_reference_names_every_setting_with_its_default_and_nothing_else()
    {
        var documented = File.ReadLines(Path.Combine(Workspace.Root, "docs/configuration.md"))
            .Where(l => l.StartsWith("| `", StringComparison.Ordinal)).Select(l => l.Split('|'))
            .Select(c => $"{c[1].Trim(' ', '`')} = {c[2].Trim(' ', '`')}").Order(StringComparer.Ordinal);
        Assert.Equal(Settings(typeof(Settings), "").Order(StringComparer.Ordinal), documented);
    }

    private static IEnumerable<string> Settings(Type type, string path) => type.GetProperties().Where(p => p.CanWrite).SelectMany(p =>
    {
        var at = path == "" ? p.Name : $"{path}:{p.Name}";
        var inner = p.PropertyType.IsGenericType && p.PropertyType.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
            ? p.PropertyType.GetGenericArguments()[0] : p.PropertyType;
        return inner.IsClass && inner != typeof(string) ? Settings(inner, at)
            : [$"{at} = {Written(p.GetValue(Activator.CreateInstance(type)))}"];
    });

    private static string Written(object? value) => value switch
    {
        null or string[] => "",
        bool b => b ? "true" : "false",
        string s => s,
        Enum e => e.ToString(),
        System.Collections.IEnumerable => "",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
