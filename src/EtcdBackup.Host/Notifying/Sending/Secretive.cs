namespace EtcdBackup.Host.Notifying.Sending;

/// <summary>Keeps secrets out of what is logged of an answer.</summary>
internal static class Secretive
{
    // Shorter parts of a URL are words, such as "hooks".
    private const int ShortestPart = 6;

    /// <summary>Whether a text repeats a secret, or a part of one: a server may name the last segment of a path only.</summary>
    public static bool Repeats(string text, IReadOnlyList<string> secrets)
    {
        var plain = Uri.UnescapeDataString(text).Replace("\\/", "/", StringComparison.Ordinal);
        return secrets.SelectMany(s => s.Split('/', '?', '&', '=', '#').Append(s)).Select(Uri.UnescapeDataString)
            .Any(part => part.Length >= ShortestPart && plain.Contains(part, StringComparison.OrdinalIgnoreCase));
    }
}
