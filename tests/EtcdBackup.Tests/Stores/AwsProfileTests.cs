using EtcdBackup.Stores;
using EtcdBackup.Stores.S3;
using EtcdBackup.Testing;

namespace EtcdBackup.Tests.Stores;

public class AwsProfileTests
{
    private const string Keys = "aws_access_key_id = id\naws_secret_access_key = key=with=signs\n";

    [Fact]
    public async Task Plain_keys_are_used_as_the_sdk_would()
    {
        var keys = await AwsProfile.CredentialsOf($"# mine\n[other]\naws_access_key_id=x\n[default]\r\n{Keys}region = r\n")
            .GetCredentialsAsync();
        Assert.Equal(("id", "key=with=signs", ""), (keys.AccessKey, keys.SecretKey, keys.Token));
        Assert.Equal("t", (await AwsProfile.CredentialsOf($"[default]\n{Keys}aws_session_token=t").GetCredentialsAsync()).Token);
        Assert.Equal("eu-central-1", AwsProfile.RegionOf("config", "[profile default]\nregion=eu-central-1\noutput = json"));
        Assert.Null(AwsProfile.RegionOf("config", "[profile other]\nregion=eu-central-1"));
    }

    // Whoever may write a secret must not be able to run a program in the service, or to use its identity.
    [Theory]
    [InlineData("credential_process = touch {0}")]
    [InlineData("Credential_Process=touch {0}")]
    [InlineData("role_arn = arn:aws:iam::1:role/r")]
    [InlineData("source_profile = other")]
    [InlineData("credential_source = Environment")]
    [InlineData("web_identity_token_file = {0}")]
    [InlineData("sso_session = s")]
    [InlineData("endpoint_url = http://169.254.169.254")]
    [InlineData("include {0}")]
    public void Anything_else_is_refused_by_name_and_nothing_runs(string line)
    {
        using var scratch = new ScratchDirectory();
        line = string.Format(null, line, scratch["ran"]);
        foreach (var read in new Action<string>[]
        {
            text => AwsProfile.CredentialsOf(text), text => AwsProfile.RegionOf("config", text),
        })
        {
            var refused = Assert.Throws<StoreException>(() => read($"[default]\n{Keys}{line}\n"));
            Assert.Contains($"'{line.Split('=')[0].Trim()}'", refused.Message, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(scratch["ran"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[default]\naws_access_key_id = id")]
    [InlineData("[other]\naws_access_key_id = id\naws_secret_access_key = key")]
    public void A_file_without_keys_is_told(string file) =>
        Assert.Contains("no usable profile [default]", Assert.Throws<StoreException>(() => AwsProfile.CredentialsOf(file)).Message,
            StringComparison.Ordinal);
}
