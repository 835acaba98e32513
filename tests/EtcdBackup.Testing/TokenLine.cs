using System.Security.Cryptography;
using System.Text;

namespace EtcdBackup.Testing;

/// <summary>Lines of a token file.</summary>
public static class TokenLine
{
    /// <summary>A caller, the hash of their token, and what they may do.</summary>
    public static string Of(string name, string token, string grants) =>
        $"{name} sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)))} {grants}";
}
