using System.Net;

namespace EtcdBackup.Host.Silo;

/// <summary>
/// Logs connections that failed for want of TLS. Whoever reaches the port could fill the log: each sentence comes once a minute, and only
/// so many different ones.
/// </summary>
internal sealed partial class RefusalLog(TimeProvider time, ILogger<RefusalLog> logger)
{
    private const int MostAtOnce = 20;
    private const int LongestReason = 400;

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, DateTimeOffset> _logged = [];
    private int _left;

    /// <summary>A connection that somebody made to this silo.</summary>
    /// <param name="remote">From where.</param>
    /// <param name="why">What is wrong, as the end of a sentence about who connects.</param>
    public void Refused(EndPoint? remote, string why) => Log("from", remote, why, LogRefused);

    /// <summary>A connection from this silo to another.</summary>
    /// <param name="remote">Where to.</param>
    /// <param name="why">What is wrong, as the end of a sentence about who listens there.</param>
    public void NotConnected(EndPoint? remote, string why) => Log("to", remote, why, LogNotConnected);

    private void Log(string direction, EndPoint? remote, string why, Action<EndPoint?, string, string> log)
    {
        var reason = Clean(why);
        var left = 0;
        lock (_logged)
        {
            var now = time.GetUtcNow();
            foreach (var (old, _) in _logged.Where(l => now - l.Value >= Pause).ToArray())
            {
                _logged.Remove(old);
            }

            if (_logged.Count >= MostAtOnce || !_logged.TryAdd($"{direction} {(remote as IPEndPoint)?.Address} {reason}", now))
            {
                _left++;
                return;
            }

            (left, _left) = (_left, 0);
        }

        log(remote, reason, left == 0 ? "" : $" ({left} more such lines were left out)");
    }

    // Names in a stranger's certificate are whatever the stranger wrote.
    private static string Clean(string text) =>
        new([.. text.Take(LongestReason).Select(c => char.IsControl(c) ? ' ' : c)]);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection from {Remote} is refused: it {Why}{Left}")]
    private partial void LogRefused(EndPoint? remote, string why, string left);

    [LoggerMessage(Level = LogLevel.Warning, Message = "There is no connection to the silo at {Remote}: it {Why}{Left}")]
    private partial void LogNotConnected(EndPoint? remote, string why, string left);
}
