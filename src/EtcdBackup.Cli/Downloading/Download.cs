using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using EtcdBackup.Cli.Connecting;
using EtcdBackup.Cli.Exits;

namespace EtcdBackup.Cli.Downloading;

/// <summary>Brings a backup, goes on where the line broke, and compares its digest.</summary>
/// <param name="call">The command.</param>
/// <param name="path">The backup's path in the API.</param>
internal sealed class Download(ClusterCall call, string path) : IDisposable
{
    private const int MostBreaks = 5;

    private readonly SnapshotHash _hash = new();
    private HttpResponseMessage? _answer;
    private EntityTagHeaderValue? _tag;

    /// <summary>Bytes of the whole; 0 if the service does not tell.</summary>
    public long Size { get; private set; }

    /// <summary>Bytes that are here.</summary>
    public long Received { get; private set; }

    /// <summary>Its file name.</summary>
    public string Name { get; private set; } = "";

    /// <summary>What is known of its bytes, once all are here.</summary>
    public string Proof { get; private set; } = "";

    /// <summary>Its revision.</summary>
    public string Revision { get; private set; } = "";

    /// <summary>Waits for the beginning of the answer.</summary>
    /// <exception cref="CommandException">There is no such backup, or no answer.</exception>
    public async Task BeginAsync()
    {
        _answer = await call.Service.SendSoonAsync(new HttpRequestMessage(HttpMethod.Get, path), call.Stop);
        _tag = _answer.Headers.ETag;
        Size = _answer.Content.Headers.ContentLength ?? 0;
        // A server's word is no path.
        Name = Path.GetFileName(_answer.Content.Headers.ContentDisposition?.FileName?.Trim('"') ?? "");
        if (Name == "")
        {
            throw new FormatException("the backup has no name");
        }

        Revision = _answer.Headers.TryGetValues("X-Revision", out var values) ? values.First() : "-";
    }

    /// <summary>Writes all of it.</summary>
    /// <exception cref="CommandException">The line broke too often, the backup is another one by now, or its digest is wrong.</exception>
    public async Task CopyToAsync(Stream target)
    {
        for (var breaks = 0; ;)
        {
            var before = Received;
            try
            {
                await PassAsync(await _answer!.Content.ReadAsStreamAsync(call.Stop), target);
                break;
            }
            catch (Exception e) when (e is HttpIOException or IOException { InnerException: SocketException } or TimeoutException)
            {
                breaks = Received > before ? 1 : breaks + 1;
                await ResumeAsync(breaks, e);
            }
        }

        var (digest, tag) = (_hash.Digest, _tag?.Tag.Trim('"') ?? "");
        if (tag.Length == digest.Length && tag != digest)
        {
            throw new CommandException(
                ExitCode.Failed, $"what arrived is damaged: its SHA-256 is {digest}, and {tag} was told. Try again, and " +
                    "'etcdbackup verify' it in the store");
        }

        Proof = tag == digest || _hash.Trailer == digest ? "SHA-256 is right" : "without a SHA-256 to compare with";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _answer?.Dispose();
        _hash.Dispose();
    }

    private async Task PassAsync(Stream source, Stream target)
    {
        var buffer = new byte[128 * 1024];
        for (int count; (count = await source.ReadAsync(buffer, call.Stop).AsTask().WaitAsync(call.Service.Silence, call.Stop)) > 0;)
        {
            _hash.Append(buffer.AsSpan(0, count));
            await target.WriteAsync(buffer.AsMemory(0, count), call.Stop);
            Received += count;
        }
    }

    private async Task ResumeAsync(int breaks, Exception cause)
    {
        for (; ; breaks++)
        {
            if (breaks > MostBreaks || _tag is null)
            {
                throw new CommandException(ExitCode.Away, $"the line broke after {Received} of {Size} bytes: {cause.Message}");
            }

            await Task.Delay(TimeSpan.FromSeconds(breaks), call.Stop);
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                request.Headers.Range = new RangeHeaderValue(Received, null);
                request.Headers.IfRange = new RangeConditionHeaderValue(_tag);
                var answer = await call.Service.SendSoonAsync(request, call.Stop);
                _answer!.Dispose();
                _answer = answer;
                if (answer.StatusCode != HttpStatusCode.PartialContent)
                {
                    throw new CommandException(
                        ExitCode.Failed, "the line broke, and the service has another backup to give by now: start again");
                }

                return;
            }
            catch (CommandException e) when (e.ExitCode == ExitCode.Away)
            {
                cause = e;
            }
        }
    }
}
