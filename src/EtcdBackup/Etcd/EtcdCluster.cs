using EtcdBackup.Clusters;

namespace EtcdBackup.Etcd;

/// <summary>A connection to each member of one etcd cluster, opened for one backup. Files of keys and passwords are read when it opens.</summary>
public sealed class EtcdCluster : IDisposable
{
    private readonly Dictionary<Uri, EtcdMember> _members;
    private readonly EtcdTimeouts _timeouts;

    private EtcdCluster(Dictionary<Uri, EtcdMember> members, EtcdTimeouts timeouts)
    {
        _members = members;
        _timeouts = timeouts;
    }

    /// <summary>Prepares the connections; nothing is sent yet.</summary>
    /// <exception cref="EtcdUnavailableException">A certificate, key or password file cannot be used; the message names it.</exception>
    public static EtcdCluster Open(ClusterSpec spec, EtcdTimeouts timeouts)
    {
        var tls = EtcdTls.Load(spec.Tls);
        var session = new EtcdSession(spec.Auth);
        return new EtcdCluster(spec.Endpoints.Distinct().ToDictionary(e => e, e => new EtcdMember(e, tls, session, timeouts)), timeouts);
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
