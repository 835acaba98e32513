using EtcdBackup.Tls;
using Grpc.Net.Client;

namespace EtcdBackup.Etcd;

/// <summary>The channel to one member, shared by all its present users.</summary>
internal sealed class MemberChannel((string Endpoint, string Tls, AddressRules Rules) key, MemberDialer dialer, GrpcChannel channel)
{
    /// <summary>Where, with which certificates, and under which rules.</summary>
    public (string Endpoint, string Tls, AddressRules Rules) Key { get; } = key;

    /// <summary>Makes its connections.</summary>
    public MemberDialer Dialer { get; } = dialer;

    /// <summary>The channel.</summary>
    public GrpcChannel Channel { get; } = channel;

    /// <summary>The number of present users; guarded by the pool's lock.</summary>
    public int Users { get; set; }

    /// <summary>When the last of them left; guarded by the pool's lock.</summary>
    public DateTimeOffset IdleSince { get; set; }

    /// <summary>No longer given out, because it failed or was not used; guarded by the pool's lock.</summary>
    public bool Dropped { get; set; }
}
