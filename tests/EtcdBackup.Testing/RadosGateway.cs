using System.Globalization;

namespace EtcdBackup.Testing;

/// <summary>
/// A real S3 server: Ceph's RADOS Gateway over one monitor and one store in memory (Debian's packages ceph-mon, ceph-osd, radosgw).
/// </summary>
public sealed class RadosGateway : IAsyncDisposable
{
    public const string AccessKey = "AKIATEST";
    public const string SecretKey = "secret-of-the-test";
    private const string User = "test";

    private readonly ScratchDirectory _directory = new();
    private readonly List<ChildProcess> _daemons = [];
    private readonly int[] _ports = Workspace.FreePorts(2);

    /// <summary>What the file <c>credentials</c> of a secret holds.</summary>
    public const string Credentials = $"[default]\naws_access_key_id = {AccessKey}\naws_secret_access_key = {SecretKey}\n";

    private bool _collectAtOnce;

    private RadosGateway()
    {
    }

    public string Endpoint => $"http://127.0.0.1:{_ports[1]}";

    public static Task<RadosGateway> StartAsync() => StartAsync(collectAtOnce: false);

    /// <summary>Starts it.</summary>
    /// <param name="collectAtOnce">Give the memory of deleted objects back at once, as a benchmark needs it.</param>
    public static async Task<RadosGateway> StartAsync(bool collectAtOnce)
    {
        var server = new RadosGateway { _collectAtOnce = collectAtOnce };
        try
        {
            await server.BootAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A secret directory as Kubernetes mounts it.</summary>
    public static void WriteSecret(string directory, string secretKey = SecretKey)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "credentials"), Credentials.Replace(SecretKey, secretKey, StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(directory, "config"), "[default]\nregion = us-east-1\n");
    }

    /// <summary>Runs radosgw-admin.</summary>
    public Task<string> AdminAsync(params IEnumerable<string> arguments) =>
        ChildProcess.RunAsync("radosgw-admin", [.. Options("client.admin"), .. arguments]);

    /// <summary>Limits what a bucket may hold.</summary>
    public async Task SetQuotaAsync(string bucket, long bytes)
    {
        await AdminAsync("quota", "set", "--quota-scope=bucket", $"--bucket={bucket}",
            $"--max-size={bytes.ToString(CultureInfo.InvariantCulture)}");
        await AdminAsync("quota", "enable", "--quota-scope=bucket", $"--bucket={bucket}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var daemon in Enumerable.Reverse(_daemons))
        {
            await daemon.DisposeAsync();
        }

        _directory.Dispose();
    }

    private IEnumerable<string> Options(string name) => ["-c", _directory["ceph.conf"], "--keyring", _directory["keyring"], "-n", name];

    private async Task BootAsync()
    {
        var id = Guid.NewGuid().ToString();
        await File.WriteAllTextAsync(_directory["ceph.conf"], Configuration(id));
        foreach (var name in new[] { "mon", "osd", "rgw" })
        {
            Directory.CreateDirectory(_directory[name]);
        }

        string[] all = ["--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *"];
        await ChildProcess.RunAsync(
            "ceph-authtool", ["--create-keyring", _directory["keyring"], "--gen-key", "-n", "mon.", "--cap", "mon", "allow *"]);
        foreach (var name in new[] { "client.admin", "osd.0", "client.rgw.a" })
        {
            await ChildProcess.RunAsync("ceph-authtool", [_directory["keyring"], "--gen-key", "-n", name, .. all]);
        }

        await ChildProcess.RunAsync(
            "monmaptool", ["--create", "--addv", "a", $"[v2:127.0.0.1:{_ports[0]}]", "--fsid", id, _directory["monmap"]]);
        await ChildProcess.RunAsync(
            "ceph-mon", ["-c", _directory["ceph.conf"], "--mkfs", "-i", "a", "--monmap", _directory["monmap"], "--keyring",
            _directory["keyring"]]);
        _daemons.Add(ChildProcess.Start("ceph-mon", ["-c", _directory["ceph.conf"], "-i", "a", "-f"]));

        var osd = Guid.NewGuid().ToString();
        await ChildProcess.RunAsync("ceph", [.. Options("client.admin"), "--connect-timeout", "30", "osd", "new", osd]);
        await ChildProcess.RunAsync("ceph-osd", ["-c", _directory["ceph.conf"], "-i", "0", "--mkfs", "--osd-uuid", osd, "--no-mon-config"]);
        _daemons.Add(ChildProcess.Start("ceph-osd", ["-c", _directory["ceph.conf"], "-i", "0", "-f"]));
        await AdminAsync("user", "create", $"--uid={User}", $"--display-name={User}", $"--access-key={AccessKey}",
            $"--secret-key={SecretKey}");
        _daemons.Add(ChildProcess.Start("radosgw", [.. Options("client.rgw.a"), "-f"]));

        using var client = new HttpClient();
        await Workspace.UntilAsync(async () =>
        {
            try
            {
                return (await client.GetAsync(Endpoint)).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, "the RADOS Gateway answers", seconds: 120);
    }

    private string Configuration(string id) => $"""
        [global]
        fsid = {id}
        mon_initial_members = a
        mon_host = v2:127.0.0.1:{_ports[0]}/0
        public_addr = 127.0.0.1
        cluster_addr = 127.0.0.1
        run_dir = {_directory.Path}
        admin_socket = {_directory.Path}/$name.asok
        log_file = {_directory.Path}/$name.log
        pid_file = {_directory.Path}/$name.pid
        keyring = {_directory.Path}/keyring
        mon_data = {_directory.Path}/mon
        osd_data = {_directory.Path}/osd
        osd_objectstore = memstore
        memstore_device_bytes = 12884901888
        osd_pool_default_size = 1
        osd_pool_default_min_size = 1
        osd_pool_default_pg_num = 8
        osd_crush_chooseleaf_type = 0
        mon_allow_pool_size_one = true
        mon_data_avail_crit = 1
        mon_data_avail_warn = 2
        ms_bind_ipv6 = false
        [client.rgw.a]
        rgw_frontends = beast endpoint=127.0.0.1:{_ports[1]}
        rgw_data = {_directory.Path}/rgw
        rgw_bucket_quota_ttl = 0
        rgw_enable_usage_log = false
        rgw_gc_obj_min_wait = {(_collectAtOnce ? 1 : 7200)}
        rgw_gc_processor_period = {(_collectAtOnce ? 5 : 3600)}

        """;
}
