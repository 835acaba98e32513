using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace EtcdBackup.Host.Api;

/// <summary>Adds to one operation of the OpenAPI document what the types of its handler do not contain.</summary>
internal static partial class OpenApiOperations
{
    private static readonly Dictionary<string, (string Description, string Example)> PathParameters = new(StringComparer.Ordinal)
    {
        ["namespace"] = ("The cluster's namespace", "default"),
        ["name"] = ("The cluster's name", "example"),
        ["backup"] = ("The backup's name in the store", "3.5.30_000000000000000f_etcd.backup"),
    };

    /// <summary>Adds parameters, headers and examples.</summary>
    public static void Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Parameters =
        [
            .. Placeholder().Matches(context.Description.RelativePath ?? "").Select(m => OfPath(m.Groups[1].Value)),
            .. metadata.OfType<QueryParameter>().Select(OfQuery),
        ];
        if (operation.Parameters.Count == 0)
        {
            operation.Parameters = null;
        }

        operation.Responses = InOrder(operation.Responses ?? []);
        foreach (var (status, response) in operation.Responses)
        {
            if (status.StartsWith('2') && response is OpenApiResponse { } answer)
            {
                answer.Headers = metadata.OfType<ResponseHeader>().ToDictionary(h => h.Name, IOpenApiHeader (h) => OfHeader(h));
            }

            AddExamples(int.Parse(status, null), response.Content, context);
        }

        if (context.Description.HttpMethod == HttpMethods.Head)
        {
            MakeHead(operation);
        }
    }

    // They come in the order of the code: first those of the group.
    private static OpenApiResponses InOrder(OpenApiResponses responses)
    {
        var ordered = new OpenApiResponses();
        foreach (var (status, response) in responses.OrderBy(r => r.Key, StringComparer.Ordinal))
        {
            ordered.Add(status, response);
        }

        return ordered;
    }

    private static void AddExamples(
        int status, IDictionary<string, OpenApiMediaType>? content, OpenApiOperationTransformerContext context)
    {
        var problem = context.Description.ActionDescriptor.EndpointMetadata.OfType<ErrorExample>().LastOrDefault(e => e.Status == status);
        var type = context.Description.SupportedResponseTypes.FirstOrDefault(t => t.StatusCode == status)?.Type;
        foreach (var body in content?.Values ?? [])
        {
            if (problem is not null)
            {
                body.Example = new JsonObject { ["status"] = status, ["detail"] = problem.Detail };
            }
            else if (type is not null && ExampleAnswers.ByType.TryGetValue(type, out var answer))
            {
                var options = context.ApplicationServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
                body.Example = JsonSerializer.SerializeToNode(answer, type, options);
            }
        }
    }

    // One route serves GET and HEAD, so both come with the name of GET; and an answer to HEAD has no body.
    private static void MakeHead(OpenApiOperation operation)
    {
        operation.OperationId = operation.OperationId?.Replace("get", "head", StringComparison.Ordinal);
        operation.Summary += ": headers only";
        foreach (var response in operation.Responses?.Values.OfType<OpenApiResponse>() ?? [])
        {
            response.Content = null;
        }
    }

    private static OpenApiParameter OfPath(string name) => new OpenApiParameter
    {
        Name = name,
        In = ParameterLocation.Path,
        Required = true,
        Description = PathParameters[name].Description,
        Example = PathParameters[name].Example,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static OpenApiParameter OfQuery(QueryParameter query) => new OpenApiParameter
    {
        Name = query.Name,
        In = ParameterLocation.Query,
        Description = query.Description,
        Example = query.Example.DeepClone(),
        Schema = new OpenApiSchema
        {
            Type = query.Example.GetValueKind() switch
            {
                JsonValueKind.Number => JsonSchemaType.Integer,
                JsonValueKind.True => JsonSchemaType.Boolean,
                _ => JsonSchemaType.String,
            },
            Format = query.Example.GetValueKind() == JsonValueKind.Number ? "int64" : null,
            Minimum = query.Least?.ToString(null, null),
            Maximum = query.Most?.ToString(null, null),
            Enum = query.Choices.Length == 0 ? null : [.. query.Choices.Select(c => JsonValue.Create(c))],
        },
    };

    private static OpenApiHeader OfHeader(ResponseHeader header) => new OpenApiHeader
    {
        Description = header.Description,
        Example = header.Example,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Placeholder();
}
