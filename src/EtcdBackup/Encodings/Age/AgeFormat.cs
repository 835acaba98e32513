using System.Security.Cryptography;
using System.Text;

namespace EtcdBackup.Encodings.Age;

/// <summary>The numbers and key derivations of the age format, version 1 (C2SP age.md).</summary>
internal static class AgeFormat
{
    public const string Intro = "age-encryption.org/v1";
    public const string StanzaPrefix = "-> ";
    public const string X25519 = "X25519";
    public const string FooterPrefix = "---";

    public const int KeySize = 32;
    public const int FileKeySize = 16;
    public const int NonceSize = 16;
    public const int TagSize = 16;
    public const int ChunkSize = 64 * 1024;
    public const int SealedChunkSize = ChunkSize + TagSize;

    /// <summary>Headers grow with their recipients; this is hundreds of them.</summary>
    public const int LongestHeader = 64 * 1024;

    private const int ChaChaNonceSize = 12;

    /// <summary>The key that wraps the file key for one recipient.</summary>
    public static byte[] WrapKey(ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> ephemeral, ReadOnlySpan<byte> recipient)
    {
        Span<byte> salt = stackalloc byte[2 * KeySize];
        ephemeral.CopyTo(salt);
        recipient.CopyTo(salt[KeySize..]);
        return Derive(sharedSecret, salt, Intro + "/" + X25519);
    }

    /// <summary>The key of the payload.</summary>
    public static byte[] PayloadKey(ReadOnlySpan<byte> fileKey, ReadOnlySpan<byte> nonce) => Derive(fileKey, nonce, "payload");

    /// <summary>The MAC of the header, up to and including its three dashes.</summary>
    public static byte[] HeaderMac(ReadOnlySpan<byte> fileKey, ReadOnlySpan<byte> header) =>
        HMACSHA256.HashData(Derive(fileKey, [], "header"), header);

    /// <summary>The nonce of a chunk: its number, and whether it is the last.</summary>
    public static byte[] ChunkNonce(long number, bool isLast)
    {
        var nonce = new byte[ChaChaNonceSize];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(nonce.AsSpan(3), number);
        nonce[^1] = isLast ? (byte)1 : (byte)0;
        return nonce;
    }

    /// <summary>Seals the 16 bytes of the file key; the nonce is zero, for the key is used once.</summary>
    public static byte[] Wrap(byte[] wrapKey, ReadOnlySpan<byte> fileKey)
    {
        var wrapped = new byte[FileKeySize + TagSize];
        using var cipher = new ChaCha20Poly1305(wrapKey);
        cipher.Encrypt(new byte[ChaChaNonceSize], fileKey, wrapped.AsSpan(0, FileKeySize), wrapped.AsSpan(FileKeySize));
        return wrapped;
    }

    /// <summary>Opens a wrapped file key; null when it is for someone else.</summary>
    public static byte[]? Unwrap(byte[] wrapKey, ReadOnlySpan<byte> wrapped)
    {
        var fileKey = new byte[FileKeySize];
        using var cipher = new ChaCha20Poly1305(wrapKey);
        try
        {
            cipher.Decrypt(new byte[ChaChaNonceSize], wrapped[..FileKeySize], wrapped[FileKeySize..], fileKey);
            return fileKey;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>Base64 as age writes it: without padding.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    /// <summary>Reads base64 in its one canonical form only.</summary>
    /// <exception cref="EncodingException">It is in another.</exception>
    public static byte[] Decode(string text)
    {
        try
        {
            var bytes = Convert.FromBase64String(text + new string('=', (4 - (text.Length % 4)) % 4));
            return Encode(bytes) == text ? bytes : throw new EncodingException("the age header has base64 in a form that is not canonical");
        }
        catch (FormatException e)
        {
            throw new EncodingException("the age header has something that is no base64", e);
        }
    }

    private static byte[] Derive(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> salt, string info)
    {
        var key = new byte[KeySize];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt, Encoding.ASCII.GetBytes(info));
        return key;
    }
}
