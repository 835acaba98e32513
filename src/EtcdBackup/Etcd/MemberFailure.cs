using System.Net.Sockets;
using EtcdBackup.Tls;
using Grpc.Core;

namespace EtcdBackup.Etcd;

/// <summary>Says in words why a call to a member failed.</summary>
internal static class MemberFailure
{
    /// <summary>Whether the connection was made and broke, so that another look may tell why.</summary>
    public static bool IsUnclear(RpcException e) =>
        e.Status.DebugException is { } failure && e.StatusCode != StatusCode.DeadlineExceeded && CauseOf(failure) switch
        {
            TlsFaultException => false,
            SocketException s => s.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown,
            _ => true,
        };

    /// <summary>The end of a sentence that begins with the member's address.</summary>
    public static string Explain(RpcException e) => e switch
    {
        { StatusCode: StatusCode.DeadlineExceeded } => "did not answer in time",
        { Status.DebugException: { } failure } => $"cannot be reached: {CauseOf(failure).Message}",
        _ => $"answered {e.StatusCode}: {e.Status.Detail}",
    };

    // The innermost cause is the clearest, such as "Connection refused"; where TLS failed we have said it better.
    private static Exception CauseOf(Exception failure)
    {
        while (failure is not TlsFaultException && failure.InnerException is { } inner)
        {
            failure = inner;
        }

        return failure;
    }
}
