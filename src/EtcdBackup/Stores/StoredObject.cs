namespace EtcdBackup.Stores;

/// <summary>An object in a store.</summary>
/// <param name="Name">Its name in its folder.</param>
/// <param name="Size">Bytes.</param>
/// <param name="LastModified">When it was written, UTC.</param>
/// <param name="Tag">Changes whenever the content does.</param>
public sealed record StoredObject(string Name, long Size, DateTimeOffset LastModified, string Tag)
{
    /// <summary>Changes whenever the content does. Without quotes: some servers write them in one answer and not in the other.</summary>
    public string Tag { get; } = Tag.Trim('"');
}
