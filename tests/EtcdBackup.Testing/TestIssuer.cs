using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdBackup.Testing;

/// <summary>An issuer of JSON web tokens (RFC 7519), made with nothing of what checks them.</summary>
public sealed class TestIssuer(string issuer) : IDisposable
{
    private RSA _key = RSA.Create(2048);
    private int _generation = 1;

    public string Issuer => issuer;

    /// <summary>The public key, as everybody may have it.</summary>
    public string PublicKeyPem => _key.ExportSubjectPublicKeyInfoPem();

    /// <summary>The JSON web key set with the present key.</summary>
    public string Jwks
    {
        get
        {
            var key = _key.ExportParameters(includePrivateParameters: false);
            return new JsonObject
            {
                ["keys"] = new JsonArray(new JsonObject
                {
                    ["kty"] = "RSA",
                    ["use"] = "sig",
                    ["kid"] = Kid,
                    ["n"] = Base64Url(key.Modulus!),
                    ["e"] = Base64Url(key.Exponent!),
                }),
            }.ToJsonString();
        }
    }

    private string Kid => $"key-{_generation}";

    /// <summary>Takes another key.</summary>
    public void Rotate()
    {
        _key.Dispose();
        (_key, _generation) = (RSA.Create(2048), _generation + 1);
    }

    /// <summary>The claims of a token that is good for an hour.</summary>
    public JsonObject Claims(string subject, string audience) => new()
    {
        ["iss"] = issuer,
        ["sub"] = subject,
        ["aud"] = audience,
        ["nbf"] = DateTimeOffset.UtcNow.AddHours(-2).ToUnixTimeSeconds(),
        ["exp"] = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds(),
    };

    /// <summary>A signed token.</summary>
    public string Sign(JsonObject claims)
    {
        var text = Unsigned("RS256", claims);
        return $"{text}.{Base64Url(_key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    /// <summary>A token that says it needs no signature, and has none.</summary>
    public string WithoutSignature(JsonObject claims) => Unsigned("none", claims) + ".";

    /// <summary>A token that is signed with a symmetric key, which is what everybody may have: the public key.</summary>
    public string SignWithPublicKey(JsonObject claims)
    {
        var text = Unsigned("HS256", claims);
        return $"{text}.{Base64Url(HMACSHA256.HashData(Encoding.UTF8.GetBytes(PublicKeyPem), Encoding.ASCII.GetBytes(text)))}";
    }

    public void Dispose() => _key.Dispose();

    private static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private string Unsigned(string algorithm, JsonObject claims)
    {
        var header = new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT", ["kid"] = Kid };
        return $"{Base64Url(JsonSerializer.SerializeToUtf8Bytes(header))}.{Base64Url(JsonSerializer.SerializeToUtf8Bytes(claims))}";
    }
}
