using System.Text.Json.Nodes;

namespace EtcdBackup.Host.Api;

/// <summary>A query parameter for the OpenAPI document, where the handler reads the query itself to tell empty from absent.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Example">A value; its type is the parameter's type.</param>
internal sealed record QueryParameter(string Name, string Description, JsonNode Example)
{
    /// <summary>The least number, where there is one.</summary>
    public int? Least { get; init; }

    /// <summary>The greatest number, where there is one.</summary>
    public int? Most { get; init; }

    /// <summary>The values that are allowed, where not all are.</summary>
    public string[] Choices { get; init; } = [];
}
