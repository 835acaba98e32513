using System.ComponentModel;
using System.Globalization;
using System.Reflection;

namespace EtcdBackup.Host.Configuration;

/// <summary>Compares a configuration with the type it is meant for, and names every key that does not fit with its full path.</summary>
internal static class ConfigurationShape
{
    /// <summary>All misfits in a section that should hold a value of the type, in words.</summary>
    public static IEnumerable<string> Problem(IConfigurationSection section, Type declared)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (!IsLeaf(type))
        {
            // The text is not repeated: it may be a URL that is a secret.
            return string.IsNullOrEmpty(section.Value) ? Problems(section, type)
                : [$"{section.Path} is one text: a {(ItemType(type) is null ? "group of settings" : "list")} belongs here"];
        }

        if (section.GetChildren().Any())
        {
            return [$"{section.Path} holds other settings: {Allowed(type)} belongs here"];
        }

        return section.Value is null || Converts(type, section.Value) ? []
            : [$"{section.Path} is '{section.Value}': {Allowed(type)} belongs here"];
    }

    private static IEnumerable<string> Problems(IConfiguration section, Type type)
    {
        if (ItemType(type) is { } item)
        {
            return section.GetChildren().SelectMany(child => int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _)
                ? Problem(child, item)
                : [$"{child.Path} is no item of a list"]);
        }

        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite)
            .ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);
        return section.GetChildren().SelectMany(child => properties.TryGetValue(child.Key, out var property)
            ? Problem(child, property.PropertyType)
            : [$"{child.Path} is not known: allowed here are {string.Join(", ", properties.Keys.Order(StringComparer.Ordinal))}"]);
    }

    private static bool Converts(Type type, string value)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Contains(value, StringComparer.OrdinalIgnoreCase);
        }

        try
        {
            TypeDescriptor.GetConverter(type).ConvertFromInvariantString(value);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException)
        {
            return false;
        }
    }

    private static string Allowed(Type type) => type switch
    {
        { IsEnum: true } => "one of " + string.Join(", ", Enum.GetNames(type)),
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(int) => "a whole number",
        _ when type == typeof(string) => "a text",
        _ => $"a {type.Name}",
    };

    private static bool IsLeaf(Type type) => type.IsEnum || type.IsPrimitive || type == typeof(string);

    private static Type? ItemType(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;
}
