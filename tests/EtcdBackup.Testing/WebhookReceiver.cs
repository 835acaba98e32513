using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Testing;

/// <summary>Receives webhooks on loopback, remembers them, and answers what it is told to.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedWebhook> _received = new();
    private int _count;

    private WebhookReceiver(WebApplication app, int port) => (_app, Port) = (app, port);

    public int Port { get; }

    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>All requests so far, also those that were not accepted.</summary>
    public IReadOnlyList<ReceivedWebhook> Received => [.. _received];

    /// <summary>Answers a request; the number is 1 for the first.</summary>
    public Func<HttpContext, int, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    public static async Task<WebhookReceiver> StartAsync(int? port = null)
    {
        var at = port ?? Workspace.FreePorts(1)[0];
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.ListenLocalhost(at));
        var receiver = new WebhookReceiver(builder.Build(), at);
        receiver._app.Run(receiver.ReceiveAsync);
        await receiver._app.StartAsync();
        return receiver;
    }

    /// <summary>Answers with these statuses, one after the other, and goes on with the last.</summary>
    public WebhookReceiver Answering(params int[] statuses)
    {
        Answer = (context, number) =>
        {
            context.Response.StatusCode = statuses[Math.Min(number, statuses.Length) - 1];
            return Task.CompletedTask;
        };
        return this;
    }

    /// <summary>Waits until so many requests came, or more.</summary>
    public async Task<IReadOnlyList<ReceivedWebhook>> UntilAsync(int count)
    {
        await UntilAsync(r => r.Count >= count, $"{count} webhooks came");
        return Received;
    }

    /// <summary>Waits until what came is enough.</summary>
    public Task UntilAsync(Func<IReadOnlyList<ReceivedWebhook>, bool> enough, string what) =>
        Workspace.UntilAsync(() => Task.FromResult(enough(Received)), what);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _received.Enqueue(new ReceivedWebhook(context.Request.Method, context.Request.Path + context.Request.QueryString,
            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray()));
        await Answer(context, Interlocked.Increment(ref _count));
    }
}
