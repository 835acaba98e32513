using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace EtcdBackup.Host.Api;

/// <summary>Adds to the OpenAPI document what the route definitions cannot say: examples, query parameters, response headers.</summary>
internal static class OpenApiDetails
{
    private const string Backup =
        """
        "creationTime": "2026-11-24T12:00:00.000Z", "size": 0.023, "revision": 15, "version": "3.5.30", "timeTookInSecond": 1,
        "name": "3.5.30_000000000000000f_etcd.backup"
        """;

    private const string Cluster =
        """
        "namespace": "default", "name": "example",
        "nextDue": "2026-11-24T12:30:00Z", "lastSuccess": "2026-11-24T12:00:00Z", "failuresInRow": 0
        """;

    private const string Silo = "\"silo\": \"S127.0.0.1:11111:1\"";

    private static readonly Dictionary<string, string> Examples = new(StringComparer.Ordinal)
    {
        ["backupnow"] = $$"""{ {{Backup}} }""",
        ["status"] =
            $$"""{ "recentBackup": { {{Backup}} }, "backups": 1, "backupSize": 0.023, {{Cluster}}, "lastRuns": [], {{Silo}} }""",
        ["clusters"] = $$"""[ { {{Cluster}}, {{Silo}} } ]""",
    };

    private static readonly Dictionary<string, string> Problems = new(StringComparer.Ordinal)
    {
        ["400"] = "etcdVersion is '3.x', no semantic version: write X.Y.Z, e.g. 3.5.30",
        ["404"] = "default/example has no backup yet: GET /v1/backupnow takes one",
        ["409"] = "the host 'example-backup-sidecar' fits clusters in several namespaces: use one of example-backup-sidecar.a, " +
            "example-backup-sidecar.b",
        ["502"] = "no member of default/example can be used: 127.0.0.1:2379 cannot be reached: Connection refused",
        ["503"] = "the service is shutting down: try again when it is back",
        ["504"] = "the backup is not done after 3600 s; it goes on: GET /v1/status shows its progress",
        ["507"] = "no room in '/data/backups': free space or lower maxBackups; older backups are untouched",
    };

    /// <summary>Adds the details to every operation.</summary>
    public static void AddDetails(this OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "EtcdBackup.Orleans",
                Version = "v1",
                Description = "Backups of etcd clusters: take one, fetch one, see how they stand."
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            foreach (var query in context.Description.ActionDescriptor.EndpointMetadata.OfType<QueryParameter>())
            {
                operation.Parameters ??= [];
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = query.Name,
                    In = ParameterLocation.Query,
                    Description = query.Description,
                    Example = JsonValue.Create(query.Example),
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                });
            }

            AddResponses(operation, context.Description.RelativePath?.Split('/')[^1] ?? "");
            return Task.CompletedTask;
        });
    }

    private static void AddResponses(OpenApiOperation operation, string command)
    {
        foreach (var (status, response) in operation.Responses ?? [])
        {
            foreach (var (type, body) in response.Content ?? new Dictionary<string, OpenApiMediaType>())
            {
                if (type == "application/problem+json" && Problems.TryGetValue(status, out var detail))
                {
                    body.Example = new JsonObject { ["status"] = int.Parse(status, null), ["detail"] = detail };
                }
                else if (type == "application/json" && Examples.TryGetValue(command, out var example))
                {
                    body.Example = JsonNode.Parse(example);
                }
            }

            if (command == "backup" && status.StartsWith('2') && response is OpenApiResponse file)
            {
                file.Headers = new Dictionary<string, IOpenApiHeader>
                {
                    ["X-etcd-Version"] = Header("The cluster's etcd version when the backup was taken", "3.5.30"),
                    ["X-Revision"] = Header("The revision in the backup", "15"),
                    ["ETag"] = Header("The backup's SHA-256", "\"9f86d081…\""),
                };
            }
        }
    }

    private static OpenApiHeader Header(string description, string example) =>
        new()
        {
            Description = description,
            Example = JsonValue.Create(example),
            Schema = new OpenApiSchema { Type = JsonSchemaType.String }
        };
}
