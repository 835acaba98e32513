namespace EtcdBackup.Host.Api;

/// <summary>An error answer: becomes problem details (RFC 9457) with this status and sentence.</summary>
internal sealed class ApiException(int status, string detail, Exception? inner = null) : Exception(detail, inner)
{
    public int Status { get; } = status;

    public static ApiException BadRequest(string detail) => new(StatusCodes.Status400BadRequest, detail);

    public static ApiException NotFound(string detail) => new(StatusCodes.Status404NotFound, detail);
}
