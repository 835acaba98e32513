using System.Security.Cryptography;
using System.Text;

namespace EtcdBackup.Host.Access;

/// <summary>The callers of a token file.</summary>
internal sealed class TokenList
{
    private const string Hashed = "sha256:";

    private readonly IReadOnlyList<(byte[] Digest, Caller Caller)> _callers;

    private TokenList(IReadOnlyList<(byte[] Digest, Caller Caller)> callers, IReadOnlyList<string> problems) =>
        (_callers, Problems) = (callers, problems);

    /// <summary>What is wrong with lines of the file; they let nobody in.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>Reads a token file.</summary>
    /// <param name="text">On each line <c>NAME sha256:HEX GRANT …</c>, or a token alone, which may do everything; <c>#</c> begins a
    /// comment.</param>
    public static TokenList Parse(string text)
    {
        var (callers, problems) = (new List<(byte[] Digest, Caller Caller)>(), new List<string>());

        // Of a file that is cut off, by a full disk or while it is written, no rest of a line may give more than the whole line.
        var hasNames = text.Contains(Hashed, StringComparison.Ordinal);
        var lines = text.Split('\n');
        foreach (var (line, number) in lines.Select((l, i) => (l.Trim(), i + 1)).Where(l => l.Item1 is not ("" or ['#', ..])))
        {
            try
            {
                var parts = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                if (hasNames && parts.Length == 1)
                {
                    throw new FormatException("a token alone does not stand among lines with names: write its hash");
                }

                if (hasNames && number == lines.Length)
                {
                    throw new FormatException("the file ends within this line: end it with a line feed");
                }

                callers.Add(ParseLine(parts));
            }
            catch (FormatException e)
            {
                // What stands there may be a token: it is not repeated.
                problems.Add($"line {number}: {e.Message}");
            }
        }

        return new TokenList(callers, problems);
    }

    /// <summary>The caller with a token; null if it is nobody's.</summary>
    public Caller? Find(string token)
    {
        // Digests have one length, and all are compared, so that the time taken reveals nothing about a token.
        var shown = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        Caller? found = null;
        foreach (var (digest, caller) in _callers)
        {
            found = CryptographicOperations.FixedTimeEquals(digest, shown) ? caller : found;
        }

        return found;
    }

    private static (byte[] Digest, Caller Caller) ParseLine(string[] parts)
    {
        if (parts is [var token])
        {
            return (SHA256.HashData(Encoding.UTF8.GetBytes(token)), new Caller("token", [Grant.Everything]));
        }

        var digest = new byte[SHA256.HashSizeInBytes];
        if (!parts[1].StartsWith(Hashed, StringComparison.Ordinal) ||
            Convert.FromHexString(parts[1].AsSpan(Hashed.Length), digest, out _, out var written) != System.Buffers.OperationStatus.Done ||
            written != digest.Length)
        {
            throw new FormatException($"write NAME {Hashed}HEX GRANT …; 'printf %s TOKEN | sha256sum' makes the HEX");
        }

        return parts.Length > 2 ? (digest, new Caller(parts[0], [.. parts[2..].Select(Grant.Parse)]))
            : throw new FormatException($"'{parts[0]}' has no grant: write {Grant.Form} after it, {Verbs.All} for everything");
    }
}
