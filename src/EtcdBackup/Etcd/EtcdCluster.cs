namespace EtcdBackup.Etcd;

/// <inheritdoc cref="IEtcdCluster"/>
public sealed class EtcdCluster : IEtcdCluster
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
        await Task.WhenAll(_members.Values.Select(m => m.ProbeAsync(_timeouts.Probe, cancellationToken)));

    /// <summary>The connection to one member.</summary>
    public EtcdMember Member(Uri endpoint) => _members[endpoint];

    /// <inheritdoc/>
    public async Task<MemberStatus?> ConfirmAsync(IEnumerable<MemberStatus> candidates, CancellationToken cancellationToken)
    {
        foreach (var candidate in candidates)
        {
            var member = _members[candidate.Endpoint];
            if (await member.CatchUpAsync(_timeouts.Confirm, cancellationToken) is not null &&
                await member.ProbeAsync(_timeouts.Probe, cancellationToken) is { Answered: true } status)
            {
                return status;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public async Task<long?> ReadRevisionAsync(IEnumerable<MemberStatus> candidates, CancellationToken cancellationToken)
    {
        foreach (var candidate in candidates)
        {
            if (await _members[candidate.Endpoint].CatchUpAsync(_timeouts.Confirm, cancellationToken) is { } revision)
            {
                return revision;
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
