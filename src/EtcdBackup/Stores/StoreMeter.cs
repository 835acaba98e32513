using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace EtcdBackup.Stores;

/// <summary>How long the calls of stores take, by store, operation and result.</summary>
internal static class StoreMeter
{
    private static readonly Meter Meter = new("etcdbackup");

    private static readonly Histogram<double> Durations = Meter.CreateHistogram(
        "etcdbackup.store.call.duration", "s", "How long a call of a store took, by its result.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120] });

    /// <summary>Measures a call.</summary>
    /// <param name="store">The store's name, such as <c>bucket backups</c>.</param>
    /// <param name="operation">The method, with or without <c>Async</c>.</param>
    /// <param name="call">The call.</param>
    public static async Task<T> MeasureAsync<T>(string store, string operation, Func<Task<T>> call)
    {
        var since = Stopwatch.GetTimestamp();
        var result = "failed";
        try
        {
            var answer = await call();
            result = "ok";
            return answer;
        }
        catch (Exception e)
        {
            result = e switch
            {
                FileNotFoundException => "missing",
                DeleteRefusedException => "refused",
                StoreFullException => "full",
                OperationCanceledException => "canceled",
                _ => "failed",
            };
            throw;
        }
        finally
        {
            Durations.Record(
                Stopwatch.GetElapsedTime(since).TotalSeconds, new("store", store),
                    new("operation", operation.Replace("Async", "", StringComparison.Ordinal)), new("result", result));
        }
    }
}
