using System.Globalization;
using EtcdBackup.Host.Notifying.Formats;
using EtcdBackup.Host.Notifying.Sending;
using EtcdBackup.Host.Notifying.Watching;
using EtcdBackup.Testing;
using Microsoft.AspNetCore.Http;

namespace EtcdBackup.Host.Tests.Notifying;

/// <summary>What one target is told, and how.</summary>
public sealed class TargetWorkerTests : IAsyncDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly WorkerFixture _worker = new();

    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_receiver_gets_our_JSON_with_the_headers_of_CloudEvents_and_a_signature()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        File.WriteAllText(_directory["secret"], "the key\n");
        _worker.Run(receiver.Url + "/hook?x=1", secretFile: _directory["secret"]);
        _worker.Queue.Add(WorkerFixture.Now("a/1"));
        var got = (await receiver.UntilAsync(1))[0];
        Assert.Equal(("POST", "/hook?x=1", "application/json"), (got.Method, got.Path, got.Headers["Content-Type"]));
        Assert.Equal(
            ["1.0", "a/1", "dev.etcdbackup.failed", "urn:etcdbackup:here", "default/a"],
            new[] { "specversion", "id", "type", "source", "subject" }.Select(h => got.Headers["ce-" + h]));
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
        _worker.Run(receiver.Url, tokenFile: _directory["token"]);
        _worker.Queue.Add(WorkerFixture.Now("a/1"));
        var got = (await receiver.UntilAsync(1))[0];
        Assert.False(got.Headers.ContainsKey(Signature.SignatureHeader));
        Assert.Equal("Bearer abc", got.Headers["Authorization"]);
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
        _worker.Run("", urlFile: _directory["url"], tokenFile: _directory["token"]);
        _worker.Queue.Add(WorkerFixture.Now("a/1"));
        await _worker.DoneAsync();
        var line = Assert.Single(_worker.Log.Lines);
        Assert.Contains($"Notifications:Webhooks:0 (127.0.0.1:{receiver.Port}) refused a/1", line);
        Assert.DoesNotContain("XXXX", line);
        Assert.DoesNotContain("very-secret", line);
    }

    [Fact]
    public async Task A_file_that_is_missing_for_a_while_delays_and_loses_nothing()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        _worker.Run("", urlFile: _directory["url"]);
        _worker.Queue.Add(WorkerFixture.Now("a/1"));
        await Workspace.UntilAsync(() => Task.FromResult(_worker.Log.Lines.Count > 0), "it is told");
        Assert.Contains("Notifications:Webhooks:0:UrlFile", _worker.Log.Lines[0]);
        File.WriteAllText(_directory["url"], receiver.Url);
        await receiver.UntilAsync(1);
        await _worker.DoneAsync();
    }

    [Fact]
    public async Task What_is_too_old_is_given_up()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        _worker.Run(receiver.Url);
        _worker.Queue.Add(Told.Of("a/1", DateTimeOffset.UtcNow.AddHours(-25)));
        _worker.Queue.Add(WorkerFixture.Now("a/2"));
        await _worker.DoneAsync();
        Assert.Equal("a/2", Assert.Single(receiver.Received).Id);
        Assert.Contains("it is lost", Assert.Single(_worker.Log.Lines));
    }

    [Fact]
    public async Task Alertmanager_is_told_of_open_problems_again_and_again_and_not_only_once()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        _worker.Open.Add(new OpenAlert(Facts.Well.Cluster, Told.Of("a/1").Problem));
        _worker.Run(receiver.Url, limits: WorkerFixture.Limits with { AlertsEvery = TimeSpan.FromMilliseconds(100) },
            format: WebhookFormat.Alertmanager);
        var got = await receiver.UntilAsync(3);
        Assert.All(got, g => Assert.Equal("/api/v2/alerts", g.Path));
        Assert.Equal("EtcdBackupFailed", got[2].Json[0].GetProperty("labels").GetProperty("alertname").GetString());

        // That one cannot be told now must not keep the others from it, nor an end from being told.
        receiver.Answering(500);
        _worker.Open.Clear();
        _worker.Queue.Add(WorkerFixture.Now("a/1") with { Event = EventKind.Recovered });
        await receiver.UntilAsync(receiver.Received.Count + 3);
        receiver.Answering(200);
        await _worker.DoneAsync();
    }
}
