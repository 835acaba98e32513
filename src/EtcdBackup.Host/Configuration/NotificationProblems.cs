using EtcdBackup.Host.Access;
using EtcdBackup.Host.Notifying.Sending;
using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Configuration;

/// <summary>What is wrong with the settings of notifications. None of the sentences repeats a URL: it may be a secret.</summary>
internal static class NotificationProblems
{
    private const int LongestPeriod = 86_400;

    /// <summary>All problems, in words that say what to do.</summary>
    public static IEnumerable<string> Of(NotificationsSettings settings) =>
    [
        .. settings.Webhooks.SelectMany((w, i) => Of($"Notifications:Webhooks:{i}", w)),
        .. settings.Heartbeats.SelectMany((h, i) => Of($"Notifications:Heartbeats:{i}", h)),
    ];

    private static IEnumerable<string> Of(string path, WebhookSettings webhook) =>
    [
        .. webhook is { Format: WebhookFormat.PagerDuty, Url: "", UrlFile: "" } ? [] : UrlProblems(path, webhook.Url, webhook.UrlFile),
        .. webhook is { Format: WebhookFormat.Slack, Url: not "" }
            ? new[] { $"{path}:Url is set, and who knows the URL of a Slack webhook may write to its channel: write it into a file, and " +
                "name that in UrlFile" } : [],
        .. SecretProblems(path, webhook),
        .. AccessProblems.AuthorityProblems($"{path}:CaFile", webhook.CaFile),
        .. ClusterProblems(path, webhook.Clusters),
        .. webhook.Events.Count > 0 && webhook.Events.All(e => e == EventKind.Recovered)
            ? new[] { $"{path}:Events is Recovered alone, and only what is told can recover: name the problems too" } : [],
    ];

    private static IEnumerable<string> Of(string path, HeartbeatSettings heartbeat) =>
    [
        .. UrlProblems(path, heartbeat.Url, heartbeat.UrlFile),
        .. AccessProblems.AuthorityProblems($"{path}:CaFile", heartbeat.CaFile),
        .. ClusterProblems(path, heartbeat.Clusters),
        .. heartbeat.EveryInSecond is >= 1 and <= LongestPeriod ? Array.Empty<string>()
            : [$"{path}:EveryInSecond is {heartbeat.EveryInSecond}: allowed are 1 to {LongestPeriod}"],
        .. heartbeat.FailSuffix == "" || (heartbeat.FailSuffix.StartsWith('/') && !heartbeat.FailSuffix.AsSpan().ContainsAny("?# "))
            ? Array.Empty<string>()
            : [$"{path}:FailSuffix is '{heartbeat.FailSuffix}': write what comes behind the URL's path, e.g. /fail"],
    ];

    private static IEnumerable<string> UrlProblems(string path, string url, string file)
    {
        if ((url == "") == (file == ""))
        {
            return [$"{path} needs either Url or UrlFile, a file with the URL: say where to send it"];
        }

        return url != "" && !SecretText.TryParse(url, out _)
            ? [$"{path}:Url is no URL that could be used: write http://HOST/… or https://HOST/…, without a password in it"]
            : AccessProblems.FileProblems($"{path}:UrlFile", file, text => SecretText.TryParse(text.Trim(), out _) ? []
                : ["it holds no URL that could be used: write https://HOST/…, without a password in it, and nothing else"]);
    }

    private static IEnumerable<string> SecretProblems(string path, WebhookSettings webhook)
    {
        var signs = webhook.Format is WebhookFormat.Generic or WebhookFormat.PagerDuty;
        if (webhook is { Format: WebhookFormat.PagerDuty, SecretFile: "" })
        {
            yield return $"{path}:SecretFile is empty: name a file with the routing key of PagerDuty's integration";
        }

        if (!signs && webhook.SecretFile != "")
        {
            yield return $"{path}:SecretFile is set, and nothing is signed for {webhook.Format}: take it out";
        }

        if (webhook is { TokenFile: not "", Format: WebhookFormat.Slack or WebhookFormat.PagerDuty })
        {
            yield return $"{path}:TokenFile is set, and {webhook.Format} asks for no token: take it out";
        }

        foreach (var problem in AccessProblems.FileProblems($"{path}:SecretFile", webhook.SecretFile, NotEmpty)
            .Concat(AccessProblems.FileProblems($"{path}:TokenFile", webhook.TokenFile, NotEmpty)))
        {
            yield return problem;
        }
    }

    private static IReadOnlyList<string> NotEmpty(string text) => text.Trim() == "" ? ["it is empty"] : [];

    private static IEnumerable<string> ClusterProblems(string path, IReadOnlyList<string> clusters) =>
        clusters.Where(c => !ClusterPattern.TryParse(c, out _)).Select(c => $"{path}:Clusters has '{c}': write {ClusterPattern.Form}");
}
