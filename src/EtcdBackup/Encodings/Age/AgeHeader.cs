using System.Security.Cryptography;
using System.Text;

namespace EtcdBackup.Encodings.Age;

/// <summary>The header of an encrypted object: who can open it, and the key for those.</summary>
/// <param name="Length">Its bytes.</param>
/// <param name="FileKey">The key, opened.</param>
internal sealed record AgeHeader(int Length, byte[] FileKey)
{
    private const int MostColumns = 64;

    /// <summary>Opens the header with any of the identities.</summary>
    /// <exception cref="EncodingException">It is damaged.</exception>
    /// <exception cref="BackupKeyException">None of them fits.</exception>
    public static AgeHeader Open(ReadOnlySpan<byte> bytes, IEnumerable<AgeIdentity> identities)
    {
        var at = 0;
        if (Line(bytes, ref at) != AgeFormat.Intro)
        {
            throw new EncodingException("the encrypted object is no age file of version 1");
        }

        var stanzas = new List<(string[] Arguments, byte[] Body)>();
        while (true)
        {
            var start = at;
            var line = Line(bytes, ref at);
            if (line.StartsWith(AgeFormat.FooterPrefix + " ", StringComparison.Ordinal))
            {
                var signed = bytes[..(start + AgeFormat.FooterPrefix.Length)];
                return new AgeHeader(
                    at, FileKeyOf(stanzas, identities, signed, AgeFormat.Decode(line[(AgeFormat.FooterPrefix.Length + 1)..])));
            }

            if (!line.StartsWith(AgeFormat.StanzaPrefix, StringComparison.Ordinal))
            {
                throw new EncodingException("the age header has a line that belongs to no recipient");
            }

            stanzas.Add((line[AgeFormat.StanzaPrefix.Length..].Split(' '), Body(bytes, ref at)));
        }
    }

    private static byte[] FileKeyOf(
        List<(string[] Arguments, byte[] Body)> stanzas, IEnumerable<AgeIdentity> identities, ReadOnlySpan<byte> signed, byte[] mac)
    {
        foreach (var identity in identities)
        {
            foreach (var (arguments, body) in stanzas)
            {
                if (Unwrap(identity, arguments, body) is { } fileKey)
                {
                    return CryptographicOperations.FixedTimeEquals(AgeFormat.HeaderMac(fileKey, signed), mac)
                        ? fileKey
                        : throw new EncodingException("the age header was changed: its MAC is wrong");
                }
            }
        }

        throw new BackupKeyException("none of the keys in Backups:AgeKeyFile opens this backup: add the key that its metadata names");
    }

    private static byte[]? Unwrap(AgeIdentity identity, string[] arguments, byte[] body)
    {
        if (arguments[0] != AgeFormat.X25519)
        {
            return null;
        }

        if (arguments.Length != 2 || AgeFormat.Decode(arguments[1]) is not { Length: AgeFormat.KeySize } share ||
            body.Length != AgeFormat.FileKeySize + AgeFormat.TagSize)
        {
            throw new EncodingException("the age header has a malformed X25519 recipient");
        }

        return AgeFormat.Unwrap(AgeFormat.WrapKey(identity.Agree(share), share, identity.Recipient.PublicKey), body);
    }

    // Lines of 64 columns, the last one shorter (it may be empty).
    private static byte[] Body(ReadOnlySpan<byte> bytes, ref int at)
    {
        var text = new StringBuilder();
        string line;
        do
        {
            line = Line(bytes, ref at);
            if (line.Length > MostColumns)
            {
                throw new EncodingException("the age header has a line that is too long");
            }

            text.Append(line);
        }
        while (line.Length == MostColumns);

        return AgeFormat.Decode(text.ToString());
    }

    private static string Line(ReadOnlySpan<byte> bytes, ref int at)
    {
        var length = bytes[at..].IndexOf((byte)'\n');
        if (length < 0)
        {
            throw new EncodingException("the age header does not end: the object was cut short, or is no age file");
        }

        var line = Encoding.ASCII.GetString(bytes.Slice(at, length));
        at += length + 1;
        return line;
    }
}
