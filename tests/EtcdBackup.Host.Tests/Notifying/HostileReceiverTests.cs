using System.Text;
using EtcdBackup.Testing;
using Microsoft.AspNetCore.Http;

namespace EtcdBackup.Host.Tests.Notifying;

/// <summary>Receivers that fail, refuse, hang and lie.</summary>
public sealed class HostileReceiverTests : IAsyncDisposable
{
    private readonly WorkerFixture _worker = new();

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(408)]
    [InlineData(429)]
    public async Task What_may_work_later_is_tried_again_with_the_same_id(int status)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answering(status, status, 200);
        _worker.Run(receiver.Url);
        _worker.Queue.Add(WorkerFixture.Now("a/1"));
        Assert.Equal(["a/1", "a/1", "a/1"], (await receiver.UntilAsync(3)).Select(r => r.Id));
        await _worker.DoneAsync();
        Assert.Contains($"it answered {status}", Assert.Single(_worker.Log.Lines, l => l.Contains("cannot be told now")));
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
        _worker.Run(receiver.Url);
        _worker.Add("a/1", "a/2", "b/3");
        await _worker.DoneAsync();
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
            context.Response.Headers.RetryAfter = number == 1 ? "1" : "100000";
            return Task.CompletedTask;
        };

        // Without it the first pause would be an hour.
        var (first, asked) = (TimeSpan.FromHours(1), TimeSpan.FromSeconds(1));
        _worker.Run(receiver.Url, limits: WorkerFixture.Limits with { FirstPause = first, LongestAsked = asked });
        _worker.Queue.Add(WorkerFixture.Now("a/1"));
        await receiver.UntilAsync(3);
        await _worker.DoneAsync();
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
        _worker.Run(receiver.Url);
        _worker.Add("a/1", "a/2");
        Assert.Equal(["a/1", "a/2"], (await receiver.UntilAsync(2)).Select(r => r.Id));
        Assert.Equal(1, receiver.Received[1].Json.GetProperty("dropped").GetInt32());
        await _worker.DoneAsync();
        var line = Assert.Single(_worker.Log.Lines);
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
        _worker.Run(receiver.Url, limits: WorkerFixture.Limits with { Request = TimeSpan.FromSeconds(2) });
        _worker.Add("a/1", "a/2");
        await _worker.DoneAsync();
        var ids = receiver.Received.Select(r => r.Id).ToArray();
        Assert.Equal(["a/1", "a/1", "a/1"], ids[..3]);
        Assert.Equal("a/2", ids[^1]);
        Assert.Contains("it did not answer within 2 s", _worker.Log.Lines[0]);
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
        _worker.Run($"http://{garbage.EndPoint}");
        _worker.Queue.Add(WorkerFixture.Now("a/1"));
        await Workspace.UntilAsync(() => Task.FromResult(connections >= 3), "it was tried again");
        Assert.Equal("a/1", _worker.Queue.Peek()?.Notification.Id);
        garbage.Dispose();
        await using var receiver = await WebhookReceiver.StartAsync(garbage.EndPoint.Port);
        await receiver.UntilAsync(1);
        await _worker.DoneAsync();
        Assert.Contains("is told again, after", _worker.Log.Lines[^1]);
    }
}
