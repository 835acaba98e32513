namespace EtcdBackup.Encodings.Age;

/// <summary>The text form of age's keys (BIP 173, without its limit of 90 characters).</summary>
internal static class Bech32
{
    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const int ChecksumLength = 6;

    private static readonly uint[] Generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

    public static string Encode(string prefix, ReadOnlySpan<byte> data)
    {
        var groups = Regroup(data, 8, 5, pad: true)!;
        var checksum = Polymod([.. Expand(prefix), .. groups, .. new byte[ChecksumLength]]) ^ 1;
        for (var i = 0; i < ChecksumLength; i++)
        {
            groups.Add((byte)((checksum >> (5 * (ChecksumLength - 1 - i))) & 31));
        }

        return prefix + "1" + string.Concat(groups.Select(g => Alphabet[g]));
    }

    /// <summary>Reads a key; null when it has another prefix, mixed case, or a wrong checksum.</summary>
    public static byte[]? Decode(string prefix, string text)
    {
        var lower = text.ToLowerInvariant();
        if ((text.Any(char.IsLower) && text.Any(char.IsUpper)) || !lower.StartsWith(prefix + "1", StringComparison.Ordinal))
        {
            return null;
        }

        var groups = lower[(prefix.Length + 1)..].Select(c => Alphabet.IndexOf(c, StringComparison.Ordinal)).ToArray();
        return groups.Length >= ChecksumLength && Array.TrueForAll(groups, g => g >= 0) &&
            Polymod([.. Expand(prefix), .. groups.Select(g => (byte)g)]) == 1
            ? Regroup([.. groups[..^ChecksumLength].Select(g => (byte)g)], 5, 8, pad: false)?.ToArray()
            : null;
    }

    private static IEnumerable<byte> Expand(string prefix) =>
        [.. prefix.Select(c => (byte)(c >> 5)), 0, .. prefix.Select(c => (byte)(c & 31))];

    private static uint Polymod(IEnumerable<byte> values)
    {
        uint sum = 1;
        foreach (var value in values)
        {
            var top = sum >> 25;
            sum = ((sum & 0x1ffffff) << 5) ^ value;
            for (var i = 0; i < Generator.Length; i++)
            {
                sum ^= ((top >> i) & 1) == 1 ? Generator[i] : 0;
            }
        }

        return sum;
    }

    private static List<byte>? Regroup(ReadOnlySpan<byte> values, int from, int to, bool pad)
    {
        var (bits, held) = (0u, 0);
        var groups = new List<byte>();
        foreach (var value in values)
        {
            bits = (bits << from) | value;
            held += from;
            while (held >= to)
            {
                held -= to;
                groups.Add((byte)((bits >> held) & ((1u << to) - 1)));
            }
        }

        var rest = bits & ((1u << held) - 1);
        if (pad && held > 0)
        {
            groups.Add((byte)(rest << (to - held)));
        }

        return !pad && (held >= from || rest != 0) ? null : groups;
    }
}
