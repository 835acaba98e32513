using Amazon.Runtime;

namespace EtcdBackup.Stores.S3;

/// <summary>
/// The profile <c>[default]</c> of a secret's files, read by us: the SDK would run the <c>credential_process</c> that a file names, assume
/// roles and read other files, and whoever may write a secret is not whoever may do that in the service.
/// </summary>
internal static class AwsProfile
{
    private const string KeyId = "aws_access_key_id";
    private const string SecretKey = "aws_secret_access_key";
    private const string SessionToken = "aws_session_token";
    private const string Region = "region";
    private const string Output = "output";

    private static readonly string[] Known = [KeyId, SecretKey, SessionToken, Region, Output];

    /// <summary>The keys in the file <c>credentials</c>.</summary>
    /// <exception cref="StoreException">They are not there, or something is that the service does not do.</exception>
    public static AWSCredentials CredentialsOf(string file)
    {
        var profile = Read("credentials", file);
        if (!profile.TryGetValue(KeyId, out var id) || !profile.TryGetValue(SecretKey, out var key))
        {
            throw new StoreException($"the secret's file 'credentials' has no usable profile [default] with {KeyId} and {SecretKey}");
        }

        return profile.TryGetValue(SessionToken, out var token) ? new SessionAWSCredentials(id, key, token)
            : new BasicAWSCredentials(id, key);
    }

    /// <summary>The region in a file; null if it names none.</summary>
    /// <exception cref="StoreException">Something is in it that the service does not do.</exception>
    public static string? RegionOf(string name, string file) => Read(name, file).GetValueOrDefault(Region);

    private static Dictionary<string, string> Read(string name, string file)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var isDefault = false;
        foreach (var line in file.Split('\n').Select(l => l.Trim()).Where(l => l != "" && l[0] is not ('#' or ';')))
        {
            if (line.StartsWith('['))
            {
                isDefault = line.Trim('[', ']').Trim() is "default" or "profile default";
            }
            else if (isDefault)
            {
                var parts = line.Split('=', 2, StringSplitOptions.TrimEntries);
                if (!Known.Contains(parts[0], StringComparer.OrdinalIgnoreCase))
                {
                    throw new StoreException(
                        $"the secret's file '{name}' has '{parts[0]}' in its profile [default]: only {string.Join(", ", Known)} are " +
                        "used. Programs are not run and roles not assumed for a secret: write plain keys");
                }

                values[parts[0]] = parts.Length == 2 ? parts[1] : "";
            }
        }

        return values;
    }
}
