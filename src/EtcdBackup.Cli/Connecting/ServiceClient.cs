using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EtcdBackup.Cli.Exits;

namespace EtcdBackup.Cli.Connecting;

/// <summary>Asks the service. Whatever goes wrong becomes a sentence and an exit code.</summary>
internal sealed class ServiceClient : IDisposable
{
    // A check asks for every cluster.
    private const int MostConnections = 16;

    private readonly HttpClient _http;
    private readonly Uri _address;

    /// <param name="address">The service's address.</param>
    /// <param name="token">What to log in with; null: nothing.</param>
    /// <param name="caFile">The authorities that its certificate may be of; null: the machine's.</param>
    /// <param name="silence">How long it may send nothing.</param>
    /// <exception cref="CommandException">The file of authorities cannot be read.</exception>
    public ServiceClient(Uri address, string? token, string? caFile, TimeSpan silence)
    {
        (_address, Silence) = (address, silence);
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = silence,
            AllowAutoRedirect = false,
            MaxConnectionsPerServer = MostConnections,
        };
        if (caFile is not null)
        {
            handler.SslOptions.CertificateChainPolicy = Trusting(caFile);
        }

        // A backup may take hours, and says nothing until it is done.
        _http = new HttpClient(handler) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = string.IsNullOrEmpty(token) ? null : new AuthenticationHeaderValue("Bearer", token);
        var version = typeof(ServiceClient).Assembly.GetName().Version!.ToString(3);
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("etcdbackup", version));
    }

    /// <summary>How long it may send nothing.</summary>
    public TimeSpan Silence { get; }

    /// <summary>Asks for a document.</summary>
    /// <exception cref="CommandException">There is no answer in time, or an error.</exception>
    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        WithinAsync(late => JsonAsync(HttpMethod.Get, path, late), cancellationToken);

    /// <summary>Sends a request whose answer begins soon.</summary>
    /// <exception cref="CommandException">There is no answer in time, or an error.</exception>
    public Task<HttpResponseMessage> SendSoonAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        WithinAsync(late => SendAsync(request, late), cancellationToken);

    /// <summary>Asks for something to be done, however long that takes.</summary>
    /// <returns>The document; undefined if the answer has none.</returns>
    /// <exception cref="CommandException">There is no answer, or an error.</exception>
    public async Task<JsonElement> JsonAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(new HttpRequestMessage(method, path), cancellationToken);
        return await ReadAsync(answer, cancellationToken);
    }

    /// <summary>Reads the document of an answer.</summary>
    /// <exception cref="JsonException">It is none: this is another server.</exception>
    public static async Task<JsonElement> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return text == "" ? default : JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Sends a request, and gives the answer as soon as its headers are here.</summary>
    /// <exception cref="CommandException">There is no answer, or an error.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return answer.IsSuccessStatusCode ? answer : throw await ProblemAsync(answer, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw Away(e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(Silence);
        try
        {
            return await ask(late.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Away(new TimeoutException($"nothing within {Silence.TotalSeconds:0.#} s (--timeout)", e));
        }
    }

    private CommandException Away(Exception e)
    {
        var cause = e;
        while (cause is not TimeoutException && cause.InnerException is { } inner)
        {
            cause = inner;
        }

        return new CommandException(
            ExitCode.Away, $"{_address.GetLeftPart(UriPartial.Authority)} does not answer: {cause.Message}. Is this the service's " +
                "address? Set it with --address, ETCDBACKUP_ADDRESS or a context");
    }

    private static async Task<CommandException> ProblemAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        using (answer)
        {
            var told = Detail(await answer.Content.ReadAsStringAsync(cancellationToken)) ??
                $"the service answered {(int)answer.StatusCode}";
            return answer.StatusCode switch
            {
                HttpStatusCode.Unauthorized => new(
                    ExitCode.Denied, $"{told} (here: --token-file, ETCDBACKUP_TOKEN_FILE, ETCDBACKUP_TOKEN or a context)"),
                HttpStatusCode.Forbidden => new(ExitCode.Denied, told),
                HttpStatusCode.NotFound => new(ExitCode.NotFound, told),
                _ => new(ExitCode.Failed, told),
            };
        }
    }

    private static string? Detail(string body)
    {
        try
        {
            return JsonDocument.Parse(body).RootElement.TryGetProperty("detail", out var detail) ? detail.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static X509ChainPolicy Trusting(string caFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPem(ServiceOptions.Read(caFile, "CA"));
        }
        catch (CryptographicException e)
        {
            throw new CommandException(ExitCode.Usage, $"'{caFile}' cannot be used: {e.Message}");
        }

        return policy.CustomTrustStore.Count > 0 ? policy
            : throw new CommandException(ExitCode.Usage, $"'{caFile}' holds no certificate");
    }
}
