using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace EtcdBackup.Host.Api;

/// <summary>The OpenAPI document as a whole: its title, its login, and its tags.</summary>
internal static class OpenApiDetails
{
    private const string Description =
        "Backups of etcd clusters: take one, fetch one, see how they stand.\n\n" +
        "The cluster is named by the path, `/v1/clusters/{namespace}/{name}/…`, or by the host of the request, " +
        "`NAME-backup-sidecar.NAMESPACE`. With exactly one cluster, any other host means that one.\n\n" +
        "A field that would be null is absent. Fields may be added; none is renamed or removed.";

    private const string NotNeeded = " Not needed where no login is set up.";

    private static readonly OpenApiTag[] Tags =
    [
        new() { Name = ApiTags.Clusters, Description = "All clusters that this service knows." },
        new() { Name = ApiTags.ByHost, Description = "The cluster that the host of the request names." },
        new() { Name = ApiTags.ByPath, Description = "The same for the cluster that the path names." },
        new() { Name = ApiTags.StoredBackups, Description = "Every stored backup of a cluster, not only the latest." },
    ];

    /// <summary>Adds the details to the document, its operations and its schemas.</summary>
    public static void AddDetails(this OpenApiOptions options)
    {
        // A named schema for the bytes of a backup would clash with a name that many languages have already.
        options.CreateSchemaReferenceId = type => type.Type == typeof(Stream) ? null : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        options.AddOperationTransformer((operation, context, _) =>
        {
            OpenApiOperations.Describe(operation, context);
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer((document, _, _) =>
        {
            Describe(document);
            OpenApiSchemas.Tidy(document.Components?.Schemas);
            return Task.CompletedTask;
        });
    }

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "EtcdBackup.Orleans",
            Version = "v1",
            Description = Description,
            License = new OpenApiLicense { Name = "Apache License 2.0", Identifier = "Apache-2.0" },
        };
        // Relative: the document is the same wherever the service runs.
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Tags = new HashSet<OpenApiTag>(Tags);
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["bearer"] = Scheme("bearer", "A token of the token file, or a JSON web token of an issuer that the service knows."),
            ["basic"] = Scheme("basic", "Any user name, and a token of the token file as the password: for browsers."),
            ["certificate"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.MutualTLS,
                Description = "A client certificate of an authority that the service knows." + NotNeeded,
            },
        };
        // The last one is "none": without a way to log in the service asks for nothing.
        document.Security =
        [
            new() { [new OpenApiSecuritySchemeReference("bearer", document)] = [] },
            new() { [new OpenApiSecuritySchemeReference("basic", document)] = [] },
            new() { [new OpenApiSecuritySchemeReference("certificate", document)] = [] },
            [],
        ];
    }

    private static OpenApiSecurityScheme Scheme(string name, string description) =>
        new() { Type = SecuritySchemeType.Http, Scheme = name, Description = description + NotNeeded };
}
