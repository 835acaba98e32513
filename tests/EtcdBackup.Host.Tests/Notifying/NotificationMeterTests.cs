using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using EtcdBackup.Host.Notifying.Sending;
using EtcdBackup.Testing;

namespace EtcdBackup.Host.Tests.Notifying;

/// <summary>The metrics of notifications. Other tests count too, so each of these has a kind of target that no other one has.</summary>
public sealed class NotificationMeterTests : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _counted = new();
    private readonly ConcurrentDictionary<string, int> _waiting = new();
    private readonly MeterListener _listener = new();

    public NotificationMeterTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name.StartsWith("etcdbackup.notification", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            _counted.AddOrUpdate(NameOf(instrument, tags), value, (_, before) => before + value));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => _waiting[NameOf(instrument, tags)] = value);
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task What_was_sent_each_failed_try_and_what_was_refused_or_too_old_is_counted()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answering(500, 503, 200, 400);
        await using var worker = new WorkerFixture();
        worker.Run(receiver.Url, format: WebhookFormat.Slack);
        worker.Add("a/1", "b/2");
        worker.Queue.Add(Told.Of("c/3", DateTimeOffset.UtcNow.AddHours(-25)));
        await worker.DoneAsync();
        Assert.Equal(1, _counted["notifications Slack sent"]);
        Assert.Equal(1, _counted["notifications Slack refused"]);
        Assert.Equal(1, _counted["notifications Slack expired"]);
        Assert.Equal(3, _counted["notification.failures Slack"]);
    }

    [Fact]
    public async Task What_waits_and_what_had_to_go_is_told_from_the_beginning_and_only_while_the_notifier_is_here()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted);
        await using (var notifier = new NotifierFixture())
        {
            notifier.Webhook(receiver.Url);
            notifier.Webhooks[0] = notifier.Webhooks[0] with { Format = WebhookFormat.PagerDuty };
            await notifier.StartAsync();
            Assert.Equal(0, _counted["notifications PagerDuty displaced"]);
            Assert.Equal(0, _counted["notification.failures PagerDuty"]);
            _listener.RecordObservableInstruments();
            Assert.Equal(0, _waiting["notifications.waiting PagerDuty"]);

            for (var i = 0; i < 503; i++)
            {
                notifier.Set($"default/c{i}", minutesAgo: 600);
            }

            await Workspace.UntilAsync(() =>
            {
                notifier.After(1);
                return Task.FromResult(_counted["notifications PagerDuty displaced"] == 3);
            }, "three had no room");
            _listener.RecordObservableInstruments();
            Assert.Equal(500, _waiting["notifications.waiting PagerDuty"]);
        }

        _waiting.Clear();
        _listener.RecordObservableInstruments();
        Assert.False(_waiting.ContainsKey("notifications.waiting PagerDuty"));
    }

    [Fact]
    public async Task Heartbeats_are_counted_too()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answering(404, 200);
        await using var notifier = new NotifierFixture();
        notifier.Set("default/a", minutesAgo: 1);
        notifier.Heartbeat(receiver.Url, "default/*");
        await notifier.StartAsync();
        var (sent, failed) = (_counted["notifications Heartbeat sent"], _counted["notification.failures Heartbeat"]);
        await Workspace.UntilAsync(() =>
        {
            notifier.Set("default/a", minutesAgo: 1);
            notifier.After(1);
            return Task.FromResult(
                _counted["notifications Heartbeat sent"] > sent && _counted["notification.failures Heartbeat"] > failed);
        }, "a heartbeat fails, and is sent");
    }

    private static string NameOf(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = instrument.Name["etcdbackup.".Length..];
        foreach (var label in new[] { "target", "result" })
        {
            foreach (var tag in tags)
            {
                name += tag.Key == label ? $" {tag.Value}" : "";
            }
        }

        return name;
    }
}
