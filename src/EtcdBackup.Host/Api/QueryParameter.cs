using System.Text.Json.Nodes;

namespace EtcdBackup.Host.Api;

/// <summary>A query parameter for the OpenAPI document, where the handler itself distinguishes empty from absent.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Example">A value; its type is the parameter's type.</param>
internal sealed record QueryParameter(string Name, string Description, JsonNode Example)
{
    /// <summary>The minimum, if there is one.</summary>
    public int? Least { get; init; }

    /// <summary>The maximum, if there is one.</summary>
    public int? Most { get; init; }

    /// <summary>The allowed values, if they are limited.</summary>
    public string[] Choices { get; init; } = [];
}
