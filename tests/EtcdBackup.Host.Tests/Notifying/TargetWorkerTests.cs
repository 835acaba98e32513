using System.Globalization;
using System.Text;
using EtcdBackup.Host.Access;
using EtcdBackup.Host.Notifying;
using EtcdBackup.Host.Notifying.Formats;
using EtcdBackup.Host.Notifying.Sending;
using EtcdBackup.Host.Notifying.Watching;
using EtcdBackup.Testing;
using Microsoft.AspNetCore.Http;

namespace EtcdBackup.Host.Tests.Notifying;

/// <summary>One target, and receivers of every kind.</summary>
public sealed class TargetWorkerTests : IAsyncDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TargetQueue _queue = new(3);
    private readonly LineLog _log = new();
    private readonly List<OpenAlert> _open = [];
    private Task _running = Task.CompletedTask;
    private TargetWorker? _worker;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _worker?.Dispose();
        _queue.Dispose();
        _stop.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_receiver_gets_our_JSON_with_the_headers_of_CloudEvents_and_a_signature()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        File.WriteAllText(_directory["secret"], "the key\n");
        Run(receiver.Url + "/hook?x=1", secretFile: _directory["secret"]);
        _queue.Add(Now("a/1"));
        var got = (await receiver.UntilAsync(1))[0];
        Assert.Equal(("POST", "/hook?x=1", "application/json"), (got.Method, got.Path, got.Headers["Content-Type"]));
        Assert.Equal(
            ("1.0", "a/1", "dev.etcdbackup.failed", "urn:etcdbackup:here", "default/a"),
            (got.Headers["ce-specversion"], got.Headers["ce-id"], got.Headers["ce-type"], got.Headers["ce-source"], got.Headers["ce-subject"]));
        Assert.True(DateTimeOffset.TryParse(got.Headers["ce-time"], CultureInfo.InvariantCulture, out _));
        Assert.Equal("a/1", got.Json.GetProperty("id").GetString());

        // As docs/operations.md tells receivers to check it.
        var timestamp = got.Headers[Signature.TimestampHeader];
        var openssl = await ChildProcess.RunAsync("sh", "-c",
            $"printf '%s.%s' '{timestamp}' \"$1\" | openssl dgst -sha256 -hmac 'the key' -r | cut -d' ' -f1", "sh", got.Text);
        Assert.Equal($"sha256={openssl.Trim()}", got.Headers[Signature.SignatureHeader]);
    }

    [Fact]
    public async Task Without_a_secret_nothing_is_signed_and_a_token_is_shown_if_there_is_one()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        File.WriteAllText(_directory["token"], "abc\n");
        Run(receiver.Url, tokenFile: _directory["token"]);
        _queue.Add(Now("a/1"));
        var got = (await receiver.UntilAsync(1))[0];
        Assert.False(got.Headers.ContainsKey(Signature.SignatureHeader));
        Assert.Equal("Bearer abc", got.Headers["Authorization"]);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(408)]
    [InlineData(429)]
    public async Task What_may_work_later_is_tried_again_with_the_same_id(int status)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answering(status, status, 200);
        Run(receiver.Url);
        _queue.Add(Now("a/1"));
        Assert.Equal(["a/1", "a/1", "a/1"], (await receiver.UntilAsync(3)).Select(r => r.Id));
        await DoneAsync();
        Assert.Contains($"it answered {status}", Assert.Single(_log.Lines, l => l.Contains("cannot be told now")));
        Assert.Equal(3, receiver.Received.Count);
    }

    [Fact]
    public async Task More_failures_than_tries_lose_nothing_and_other_clusters_get_their_turn()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = context.Request.Headers["ce-id"] == "a/1" && receiver.Received.Count < 12 ? 500 : 200;
            return Task.CompletedTask;
        };
        Run(receiver.Url);
        Add("a/1", "a/2", "b/3");
        await DoneAsync();
        var accepted = receiver.Received.Select(r => r.Id).Distinct().ToArray();
        Assert.Equal(["a/1", "b/3", "a/2"], accepted);
        Assert.Equal("a/2", receiver.Received[^1].Id);
    }

    [Fact]
    public async Task Retry_After_is_obeyed_and_limited()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = (context, number) =>
        {
            context.Response.StatusCode = number <= 2 ? 429 : 200;
            context.Response.Headers.RetryAfter = number == 1 ? "1" : "1000000000";
            return Task.CompletedTask;
        };

        // Without it the first pause would be an hour.
        Run(receiver.Url, limits: Limits with { FirstPause = TimeSpan.FromHours(1), LongestAsked = TimeSpan.FromSeconds(1) });
        _queue.Add(Now("a/1"));
        await receiver.UntilAsync(3);
        await DoneAsync();
    }

    [Theory]
    [InlineData(400, "Look at its Format")]
    [InlineData(403, "look at its secret, its token and its URL")]
    [InlineData(404, "look at its URL")]
    [InlineData(302, "redirects are not followed")]
    public async Task What_never_will_work_is_told_in_the_log_and_not_tried_again(int status, string what)
    {
        await using var elsewhere = await WebhookReceiver.StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = async (context, number) =>
        {
            context.Response.StatusCode = number == 1 ? status : 200;
            context.Response.Headers.Location = elsewhere.Url;
            await context.Response.WriteAsync("no\nsuch thing");
        };
        Run(receiver.Url);
        Add("a/1", "a/2");
        Assert.Equal(["a/1", "a/2"], (await receiver.UntilAsync(2)).Select(r => r.Id));
        Assert.Equal(1, receiver.Received[1].Json.GetProperty("dropped").GetInt32());
        await DoneAsync();
        var line = Assert.Single(_log.Lines);
        Assert.Contains($"refused a/1, which is lost: it answered {status} 'no?such thing'", line);
        Assert.Contains(what, line);
        Assert.Empty(elsewhere.Received);
    }

    [Fact]
    public async Task A_receiver_that_never_answers_is_given_up_each_time_and_one_that_never_ends_too()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = async (context, number) =>
        {
            if (number == 1)
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            context.Response.StatusCode = number == 2 ? 500 : 200;
            while (number is 2 or 3)
            {
                await context.Response.WriteAsync(new string('x', 10_000), context.RequestAborted);
            }
        };
        Run(receiver.Url, limits: Limits with { Request = TimeSpan.FromMilliseconds(500) });
        Add("a/1", "a/2");
        await DoneAsync();
        Assert.Equal(["a/1", "a/1", "a/1", "a/2"], receiver.Received.Select(r => r.Id));
        Assert.Contains("it did not answer within 0.5 s", _log.Lines[0]);
    }

    [Fact]
    public async Task Garbage_and_a_closed_port_are_tried_again()
    {
        var connections = 0;
        var garbage = new LoopbackListener(async (client, stop) =>
        {
            using (client)
            {
                connections++;
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("SSH-2.0-OpenSSH_9.2\r\n"), stop);
            }
        });
        Run($"http://{garbage.EndPoint}");
        _queue.Add(Now("a/1"));
        await Workspace.UntilAsync(() => Task.FromResult(connections >= 3), "it was tried again");
        Assert.Equal("a/1", _queue.Peek()?.Notification.Id);
        garbage.Dispose();
        await using var receiver = await WebhookReceiver.StartAsync(garbage.EndPoint.Port);
        await receiver.UntilAsync(1);
        await DoneAsync();
        Assert.Contains("is told again, after", _log.Lines[^1]);
    }

    [Fact]
    public async Task The_log_has_the_host_and_neither_URL_nor_secret_nor_an_answer_that_repeats_them()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = async (context, number) =>
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsync($"you asked for {context.Request.Path} with {context.Request.Headers.Authorization}");
        };
        File.WriteAllText(_directory["url"], receiver.Url + "/services/T0/B0/XXXX\n");
        File.WriteAllText(_directory["token"], "very-secret\n");
        Run("", urlFile: _directory["url"], tokenFile: _directory["token"]);
        _queue.Add(Now("a/1"));
        await DoneAsync();
        var line = Assert.Single(_log.Lines);
        Assert.Contains($"Notifications:Webhooks:0 (127.0.0.1:{receiver.Port}) refused a/1", line);
        Assert.DoesNotContain("XXXX", line);
        Assert.DoesNotContain("very-secret", line);
    }

    [Fact]
    public async Task A_file_that_is_missing_for_a_while_delays_and_loses_nothing()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        Run("", urlFile: _directory["url"]);
        _queue.Add(Now("a/1"));
        await Workspace.UntilAsync(() => Task.FromResult(_log.Lines.Count > 0), "it is told");
        Assert.Contains("Notifications:Webhooks:0:UrlFile", _log.Lines[0]);
        File.WriteAllText(_directory["url"], receiver.Url);
        await receiver.UntilAsync(1);
        await DoneAsync();
    }

    [Fact]
    public async Task What_is_too_old_is_given_up()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        Run(receiver.Url);
        _queue.Add(Told.Of("a/1", DateTimeOffset.UtcNow.AddHours(-25)));
        _queue.Add(Now("a/2"));
        await DoneAsync();
        Assert.Equal("a/2", Assert.Single(receiver.Received).Id);
        Assert.Contains("it is lost", Assert.Single(_log.Lines));
    }

    private static DeliveryLimits Limits => new() { FirstPause = TimeSpan.FromMilliseconds(20), LongestPause = TimeSpan.FromMilliseconds(100) };

    private static Notification Now(string id) => Told.Of(id, DateTimeOffset.UtcNow);

    private void Run(string url, string urlFile = "", string secretFile = "", string tokenFile = "", DeliveryLimits? limits = null)
    {
        var options = new WebhookOptions
        {
            Setting = "Notifications:Webhooks:0",
            Url = new SecretText("Notifications:Webhooks:0:UrlFile", url, urlFile),
            Format = WebhookFormat.Generic,
            Secret = new SecretText("s", "", secretFile),
            Token = new SecretText("t", "", tokenFile),
            Ca = new SecretText("c", "", ""),
            Clusters = [ClusterPattern.All],
            Events = [],
            Id = "x",
        };
        var notifying = new NotifyingOptions
        {
            Installation = "here",
            Rules = Facts.Rules,
            LookEvery = TimeSpan.FromMinutes(1),
            Webhooks = [options],
            Heartbeats = [],
            Limits = limits ?? Limits,
        };
        _worker = new TargetWorker(options, notifying, _queue, () => _open, TimeProvider.System, _log);
        _running = _worker.RunAsync(_stop.Token);
    }

    private void Add(params string[] ids) => Array.ForEach(ids, i => _queue.Add(Now(i)));

    private Task DoneAsync() => Workspace.UntilAsync(() => Task.FromResult(_queue.Peek() is null), "nothing waits any more");
}
