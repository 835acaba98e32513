using EtcdBackup.Clusters;
using Etcdserverpb;
using Grpc.Core;

namespace EtcdBackup.Etcd;

/// <summary>The login of one cluster: gets a token when one is needed, and a new one when etcd no longer takes it (simple tokens live five minutes).</summary>
internal sealed class EtcdSession
{
    private readonly string _username;
    private readonly string _password = "";
    private volatile string? _token;

    public EtcdSession(EtcdLogin login)
    {
        _username = login.Username;
        if (_username == "")
        {
            return;
        }

        try
        {
            _password = File.ReadAllText(login.PasswordFile).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EtcdUnavailableException($"auth.passwordFile '{login.PasswordFile}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Runs a call with a token; if etcd refuses the token, logs in again and runs it once more.</summary>
    public async Task<T> CallAsync<T>(CallInvoker invoker, TimeSpan loginTimeout, Func<Metadata, Task<T>> call, CancellationToken cancellationToken)
    {
        if (_username == "")
        {
            return await call([]);
        }

        var used = _token ??= await LogInAsync(invoker, loginTimeout, cancellationToken);
        try
        {
            return await call(HeadersFor(used));
        }
        catch (RpcException e) when (IsTokenRefused(e))
        {
            _token = await LogInAsync(invoker, loginTimeout, cancellationToken);
            return await call(HeadersFor(_token));
        }
    }

    // etcd api/v3rpc/rpctypes: ErrInvalidAuthToken is Unauthenticated, ErrAuthOldRevision InvalidArgument (the roles changed since the token)
    private static bool IsTokenRefused(RpcException e) =>
        e.StatusCode == StatusCode.Unauthenticated ||
        (e.StatusCode == StatusCode.InvalidArgument && e.Status.Detail.Contains("revision in header is old", StringComparison.Ordinal));

    private static Metadata HeadersFor(string token) => token == "" ? [] : new Metadata { { "token", token } };

    private async Task<string> LogInAsync(CallInvoker invoker, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await new Auth.AuthClient(invoker).AuthenticateAsync(
                new AuthenticateRequest { Name = _username, Password = _password }, deadline: DateTime.UtcNow + timeout, cancellationToken: cancellationToken);
            return answer.Token;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.FailedPrecondition && e.Status.Detail.Contains("not enabled", StringComparison.Ordinal))
        {
            // A login for a cluster whose authentication is still off must not stop its backups.
            return "";
        }
    }
}
