namespace EtcdBackup.Etcd;

/// <summary>A connection to each member of one etcd cluster, for one backup.</summary>
public sealed class EtcdCluster : IDisposable
{
    private readonly Dictionary<Uri, EtcdMember> _members;
    private readonly EtcdTimeouts _timeouts;

    internal EtcdCluster(Dictionary<Uri, EtcdMember> members, EtcdTimeouts timeouts)
    {
        _members = members;
        _timeouts = timeouts;
    }

    /// <summary>Asks all members at once how they are; never throws for a member that fails, its <see cref="MemberStatus.Error"/> tells.</summary>
    public async Task<IReadOnlyList<MemberStatus>> ProbeAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(_members.Values.Select(m => m.ProbeAsync(_timeouts.Probe, cancellationToken)));

    /// <summary>The connection to one member.</summary>
    public EtcdMember Member(Uri endpoint) => _members[endpoint];

    /// <summary>
    /// Makes some member catch up with the cluster (a linearizable read needs a quorum and waits for its commit index), then asks again.
    /// </summary>
    /// <returns>The fresh status of that member, or null when no member could: there is no quorum.</returns>
    public async Task<MemberStatus?> ConfirmAsync(IEnumerable<MemberStatus> candidates, CancellationToken cancellationToken)
    {
        foreach (var candidate in candidates)
        {
            var member = _members[candidate.Endpoint];
            if (await member.CatchUpAsync(_timeouts.Confirm, cancellationToken) &&
                await member.ProbeAsync(_timeouts.Probe, cancellationToken) is { Answered: true } status)
            {
                return status;
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
