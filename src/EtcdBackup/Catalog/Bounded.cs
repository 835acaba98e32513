namespace EtcdBackup.Catalog;

/// <summary>Work on many items, a few at a time, without leaving the caller's scheduler.</summary>
internal static class Bounded
{
    /// <summary>Does the work for each number from 0 to below <paramref name="count"/>. The first failure ends it.</summary>
    public static async Task ForAsync(int count, int atOnce, Func<int, Task> work)
    {
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(atOnce, count)).Select(async _ =>
        {
            for (int i; (i = Interlocked.Increment(ref next) - 1) < count;)
            {
                try
                {
                    await work(i);
                }
                catch
                {
                    Interlocked.Exchange(ref next, count);
                    throw;
                }
            }
        }));
    }
}
