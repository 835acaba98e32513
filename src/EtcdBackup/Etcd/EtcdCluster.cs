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
    public async Task<MemberStatus?> ConfirmAsync(IEnumerable<MemberStatus> candidates, CancellationToken cancellationToken)
    {
        foreach (var candidate in candidates)
        {
            var member = _members[candidate.Endpoint];
            if (await member.ReadAsync(null, isLocal: false, cancellationToken) is not null &&
                await member.ProbeAsync(_timeouts.Probe, cancellationToken) is { Answered: true } status)
            {
                return status;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public async Task<ClusterRead?> ReadAsync(
        IEnumerable<MemberStatus> candidates, LastPut? lastPut, CancellationToken cancellationToken)
    {
        foreach (var candidate in candidates)
        {
            if (await _members[candidate.Endpoint].ReadAsync(lastPut, isLocal: false, cancellationToken) is { } read)
            {
                return read;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public async Task<bool?> HoldsAsync(IEnumerable<MemberStatus> candidates, LastPut lastPut, CancellationToken cancellationToken)
    {
        foreach (var candidate in candidates)
        {
            if (await _members[candidate.Endpoint].ReadAsync(lastPut, isLocal: true, cancellationToken) is { HoldsLastPut: { } holds })
            {
                return holds;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var member in _members.Values)
        {
            member.Dispose();
        }
    }
}
