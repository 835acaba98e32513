using System.Text.RegularExpressions;
using Microsoft.OpenApi;

namespace EtcdBackup.Host.Api;

/// <summary>Corrects the schemas of the OpenAPI document where the generated ones differ from what the service sends.</summary>
internal static partial class OpenApiSchemas
{
    /// <summary>Corrects all schemas.</summary>
    public static void Tidy(IDictionary<string, IOpenApiSchema>? schemas)
    {
        foreach (var schema in schemas?.Values.OfType<OpenApiSchema>() ?? [])
        {
            // Only types with a converter come without a type: names, versions and enumerations, and all of them are strings.
            schema.Type ??= JsonSchemaType.String;
            schema.Description = InOneLine(schema.Description);
            foreach (var (name, property) in schema.Properties?.ToArray() ?? [])
            {
                if (!TryTakeNull(property, out var rest))
                {
                    rest = property;
                }
                else
                {
                    // The service leaves out what is null.
                    schema.Required?.Remove(name);
                    schema.Properties![name] = rest;
                }

                rest.Description = InOneLine(rest.Description);
            }
        }
    }

    private static bool TryTakeNull(IOpenApiSchema property, out IOpenApiSchema rest)
    {
        rest = property;
        if (property is not OpenApiSchema schema)
        {
            return false;
        }

        if (schema.OneOf is [{ Type: JsonSchemaType.Null }, var other])
        {
            rest = other;
            return true;
        }

        var isNullable = schema.Type?.HasFlag(JsonSchemaType.Null) == true;
        schema.Type &= ~JsonSchemaType.Null;
        return isNullable;
    }

    // Comments in the code are broken where its lines end.
    private static string? InOneLine(string? text) => text is null ? null : LineBreak().Replace(text, " ");

    [GeneratedRegex(@"\s*\n\s*")]
    private static partial Regex LineBreak();
}
