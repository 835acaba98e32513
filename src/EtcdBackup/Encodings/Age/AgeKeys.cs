using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;

namespace EtcdBackup.Encodings.Age;

/// <summary>Someone that a file can be encrypted to: an X25519 public key, <c>age1…</c>.</summary>
internal sealed record AgeRecipient(string Text)
{
    public const string Prefix = "age";

    public byte[] PublicKey { get; } = Bech32.Decode(Prefix, Text) is { Length: AgeFormat.KeySize } key
        ? key
        : throw new BackupKeyException($"'{Text}' is no age recipient: it begins with age1 and is made by age-keygen");
}

/// <summary>Someone that can open a file: an X25519 private key, <c>AGE-SECRET-KEY-1…</c>.</summary>
internal sealed class AgeIdentity
{
    private const string Prefix = "age-secret-key-";

    private readonly X25519PrivateKeyParameters _key;

    private AgeIdentity(byte[] key)
    {
        _key = new X25519PrivateKeyParameters(key);
        Recipient = new AgeRecipient(Bech32.Encode(AgeRecipient.Prefix, _key.GeneratePublicKey().GetEncoded()));
    }

    /// <summary>The public half; it names the key in the metadata.</summary>
    public AgeRecipient Recipient { get; }

    /// <summary>Makes one that is used once.</summary>
    public static AgeIdentity Generate() => new(new X25519PrivateKeyParameters(new SecureRandom()).GetEncoded());

    /// <summary>Reads a line of a key file; the error never shows it.</summary>
    public static AgeIdentity Parse(string text) => Bech32.Decode(Prefix, text) is { Length: AgeFormat.KeySize } key
        ? new AgeIdentity(key)
        : throw new BackupKeyException("a line of the age key file is no key: it begins with AGE-SECRET-KEY-1 and is made by age-keygen");

    /// <summary>The secret shared with a public key.</summary>
    /// <exception cref="EncodingException">The public key is one of the few that make the secret known to all.</exception>
    public byte[] Agree(byte[] publicKey)
    {
        var shared = new byte[AgeFormat.KeySize];
        try
        {
            _key.GenerateSecret(new X25519PublicKeyParameters(publicKey), shared);
        }
        catch (InvalidOperationException e)
        {
            throw new EncodingException("an age key of low order", e);
        }

        return shared;
    }
}
