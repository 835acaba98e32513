using Etcdserverpb;
using Grpc.Core;

namespace EtcdBackup.Etcd;

/// <summary>
/// The login of one cluster: gets a token when one is needed, and a new one when etcd no longer takes it (simple tokens live five
/// minutes).
/// </summary>
/// <param name="username">The user; empty: no login.</param>
/// <param name="password">The password.</param>
internal sealed class EtcdSession(string username, string password)
{
    private volatile string? _token;

    /// <summary>Runs a call with a token; if etcd refuses the token, logs in again and runs it once more.</summary>
    public async Task<T> CallAsync<T>(
        CallInvoker invoker, TimeSpan loginTimeout, Func<Metadata, Task<T>> call, CancellationToken cancellationToken)
    {
        if (username == "")
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

    // etcd api/v3rpc/rpctypes: ErrInvalidAuthToken is Unauthenticated, ErrAuthOldRevision InvalidArgument (the roles changed since the
    // token)
    private static bool IsTokenRefused(RpcException e) =>
        e.StatusCode == StatusCode.Unauthenticated ||
        (e.StatusCode == StatusCode.InvalidArgument && e.Status.Detail.Contains("revision in header is old", StringComparison.Ordinal));

    private static Metadata HeadersFor(string token) => token == "" ? [] : new Metadata { { "token", token } };

    private async Task<string> LogInAsync(CallInvoker invoker, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await new Auth.AuthClient(invoker).AuthenticateAsync(
                new AuthenticateRequest { Name = username, Password = password }, deadline: DateTime.UtcNow + timeout,
                    cancellationToken: cancellationToken);
            return answer.Token;
        }
        catch (RpcException e) when (
            e.StatusCode == StatusCode.FailedPrecondition && e.Status.Detail.Contains("not enabled", StringComparison.Ordinal))
        {
            // A login for a cluster whose authentication is still off must not stop its backups.
            return "";
        }
    }
}
