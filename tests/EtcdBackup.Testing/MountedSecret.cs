namespace EtcdBackup.Testing;

/// <summary>
/// A directory as Kubernetes mounts a secret: links to a directory behind a link, which alone is changed when the secret is, so that all
/// its files change in one step.
/// </summary>
/// <param name="directory">Where it is mounted.</param>
public sealed class MountedSecret(string directory)
{
    public string this[string file] => Path.Combine(directory, file);

    /// <summary>Replaces all files.</summary>
    public void Write(params IEnumerable<(string Name, string Text)> files)
    {
        var version = Guid.NewGuid().ToString("N");
        Directory.CreateDirectory(this[version]);
        foreach (var (name, text) in files)
        {
            File.WriteAllText(this[$"{version}/{name}"], text);
            if (new FileInfo(this[name]).LinkTarget is null)
            {
                File.CreateSymbolicLink(this[name], $"..data/{name}");
            }
        }

        // .NET renames no link to a directory onto another one.
        File.CreateSymbolicLink(this["..next"], version);
        ChildProcess.RunAsync("mv", "-T", this["..next"], this["..data"]).GetAwaiter().GetResult();
    }
}
