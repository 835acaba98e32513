using EtcdBackup.Snapshots;

namespace EtcdBackup.Etcd;

/// <inheritdoc cref="IEtcdCluster"/>
internal sealed class EtcdCluster : IEtcdCluster
{
    private readonly Dictionary<Uri, EtcdMember> _members;
    private readonly EtcdTimeouts _timeouts;

    internal EtcdCluster(Dictionary<Uri, EtcdMember> members, EtcdTimeouts timeouts)
    {
        _members = members;
        _timeouts = timeouts;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<MemberStatus>> ProbeAsync(CancellationToken cancellationToken) =>
        MemberAlarm.Share(await Task.WhenAll(_members.Values.Select(m => m.ProbeAsync(_timeouts.Probe, cancellationToken))));

    /// <summary>The connection to one member.</summary>
    public EtcdMember Member(Uri endpoint) => _members[endpoint];

    /// <inheritdoc/>
    public IWatchedMember Watched(Uri endpoint) => _members[endpoint];

    /// <inheritdoc/>
    public Task<MemberStatus> ProbeAsync(Uri endpoint, CancellationToken cancellationToken) =>
        _members[endpoint].ProbeAsync(_timeouts.Probe, cancellationToken);

    /// <inheritdoc/>
    public Task<MemberRead?> ReadAsync(Uri endpoint, LastPut? lastPut, bool isLocal, CancellationToken cancellationToken) =>
        _members[endpoint].ReadAsync(lastPut, isLocal, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var member in _members.Values)
        {
            member.Dispose();
        }
    }
}
