namespace EtcdBackup.Host.Notifying.Watching;

/// <summary>When a cluster has a problem, and when that is told again.</summary>
/// <param name="AfterFailures">So many failed runs in a row are a problem.</param>
/// <param name="StaleAfterIntervals">So many intervals without a success are one.</param>
/// <param name="RepeatEvery">A problem that lasts is told again after this time; zero: never.</param>
internal sealed record WatchRules(int AfterFailures, int StaleAfterIntervals, TimeSpan RepeatEvery);
