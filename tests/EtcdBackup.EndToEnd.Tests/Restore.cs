using System.Text.Json;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>What etcd's own tools make of a backup.</summary>
internal static class Restore
{
    /// <summary>etcdutl's verdict; throws when it finds the file damaged.</summary>
    public static async Task<JsonElement> StatusAsync(string file) =>
        JsonDocument.Parse(await ChildProcess.RunAsync(
            Workspace.EtcdTool("forky", "etcdutl"), "snapshot", "status", file, "-w", "json")).RootElement;

    public static async Task<long> RevisionAsync(string file) => (await StatusAsync(file)).GetProperty("revision").GetInt64();

    /// <summary>Restores the file into a new cluster of the given suite and reads all keys back.</summary>
    public static async Task<string> DumpAsync(string file, string suite)
    {
        await using var etcd = await EtcdServers.StartAsync(suite);
        await etcd.RestoreInPlaceAsync(file);
        return await etcd.DumpAsync();
    }
}
