using EtcdBackup.Clusters;
using EtcdBackup.Secrets;
using EtcdBackup.Tls;
using Grpc.Net.Client;

namespace EtcdBackup.Etcd;

/// <summary>
/// Opens clusters. A connection to a member is kept for a while for the next call to that member: with short intervals, or many clusters,
/// opening one for each check would cost more than the check. A failed one is never used again; a renewed certificate makes a new one.
/// </summary>
/// <param name="timeouts">How long members may take.</param>
/// <param name="credentials">Reads certificates, keys and passwords.</param>
/// <param name="limits">Where specs of resources may lead.</param>
/// <param name="time">Decides which connections are idle.</param>
internal sealed class EtcdConnections(EtcdTimeouts timeouts, CredentialFiles credentials, ResourceLimits limits, TimeProvider time)
    : IEtcdConnections, IDisposable
{
    // With a small window the stream waits for window updates; 4 MiB were no faster than this.
    private const int WindowSize = 2 * 1024 * 1024;

    private static readonly TimeSpan KeptIdle = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly AddressRules _ofResources = AddressRules.Of(limits.AllowedAddresses);
    private readonly Dictionary<(string Endpoint, string Tls, AddressRules Rules), MemberChannel> _channels = [];
    private DateTimeOffset _looked = time.GetUtcNow();

    /// <inheritdoc/>
    public async Task<IEtcdCluster> OpenAsync(ClusterSpec spec, CancellationToken cancellationToken)
    {
        try
        {
            var (tls, session) = await ReadAsync(spec, cancellationToken).WaitAsync(timeouts.Silence, time, cancellationToken);
            return new EtcdCluster(Open(spec, tls, session), timeouts);
        }
        catch (Exception e) when (e is SecretException or TlsFaultException)
        {
            throw new EtcdUnavailableException(e.Message, e);
        }
        catch (TimeoutException e)
        {
            throw new EtcdUnavailableException(
                $"the certificates and passwords of {spec.Key} could not be read within {timeouts.Silence.TotalSeconds:0.#} s: look " +
                "at what holds them", e);
        }
    }

    /// <summary>Takes a channel back.</summary>
    internal void Return(MemberChannel channel, bool failed)
    {
        lock (_gate)
        {
            channel.IdleSince = time.GetUtcNow();
            if (failed && !channel.Dropped)
            {
                channel.Dropped = true;
                _channels.Remove(channel.Key);
            }

            if (--channel.Users == 0 && channel.Dropped)
            {
                channel.Channel.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var channel in _channels.Values)
            {
                channel.Channel.Dispose();
            }

            _channels.Clear();
        }
    }

    private async Task<(EtcdTls Tls, EtcdSession Session)> ReadAsync(ClusterSpec spec, CancellationToken cancellationToken)
    {
        var tls = await EtcdTls.LoadAsync(credentials, spec, cancellationToken);
        var password = spec.Auth.Username == "" ? ""
            : await credentials.ReadAsync(spec.Key.Namespace, "auth.passwordFile", spec.Auth.PasswordFile, cancellationToken);
        return (tls, new EtcdSession(spec.Auth.Username, password.TrimEnd('\r', '\n')));
    }

    private Dictionary<Uri, EtcdMember> Open(ClusterSpec spec, EtcdTls tls, EtcdSession session)
    {
        var rules = spec.IsOfResource ? _ofResources : AddressRules.All;
        var members = new Dictionary<Uri, EtcdMember>();
        try
        {
            foreach (var endpoint in spec.Endpoints.Distinct())
            {
                members[endpoint] = new EtcdMember(endpoint, Rent(endpoint, tls, rules), this, session, timeouts);
            }

            return members;
        }
        catch
        {
            foreach (var member in members.Values)
            {
                member.Dispose();
            }

            throw;
        }
    }

    private MemberChannel Rent(Uri endpoint, EtcdTls tls, AddressRules rules)
    {
        lock (_gate)
        {
            DropIdle();
            var key = (endpoint.AbsoluteUri, MemberDialer.IsTls(endpoint) ? tls.Fingerprint : "", rules);
            if (!_channels.TryGetValue(key, out var channel))
            {
                _channels[key] = channel = Connect(key, endpoint, tls);
            }

            channel.Users++;
            return channel;
        }
    }

    private void DropIdle()
    {
        var now = time.GetUtcNow();
        if (now - _looked < KeptIdle)
        {
            return;
        }

        _looked = now;
        foreach (var (key, channel) in _channels.Where(c => c.Value.Users == 0 && now - c.Value.IdleSince >= KeptIdle).ToArray())
        {
            _channels.Remove(key);
            channel.Channel.Dispose();
        }
    }

    private MemberChannel Connect((string Endpoint, string Tls, AddressRules Rules) key, Uri endpoint, EtcdTls tls)
    {
        var dialer = new MemberDialer(endpoint, MemberDialer.IsTls(endpoint) ? tls.ToClient(time) : null, key.Rules);
        var handler = new SocketsHttpHandler
        {
            InitialHttp2StreamWindowSize = WindowSize,
            ConnectTimeout = timeouts.Probe,
            PooledConnectionIdleTimeout = KeptIdle,
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectCallback = (_, cancellationToken) => dialer.ConnectAsync(cancellationToken),
        };
        return new MemberChannel(key, dialer, GrpcChannel.ForAddress(dialer.HttpAddress, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = 64 * 1024 * 1024,
            MaxRetryAttempts = 1,
        }));
    }
}
