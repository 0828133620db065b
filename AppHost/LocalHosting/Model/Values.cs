using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Something whose value is known once the application runs.</summary>
public interface IValueProvider
{
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);
}

/// <summary>Something that has a name in a manifest, such as <c>{postgres.bindings.tcp.port}</c>.</summary>
public interface IManifestExpressionProvider
{
    string ValueExpression { get; }
}

/// <summary>Something that is made of other values.</summary>
public interface IValueWithReferences
{
    IEnumerable<object> References { get; }
}

/// <summary>A value that can stand in an environment variable.</summary>
public interface IExpressionValue : IValueProvider, IManifestExpressionProvider, IValueWithReferences
{
    IEnumerable<object> IValueWithReferences.References => [];
}

/// <summary>Text with holes that are filled once the application runs.</summary>
public sealed class ReferenceExpression : IExpressionValue
{
    private readonly IManifestExpressionProvider[] _manifestExpressions;

    private ReferenceExpression(string format, IValueProvider[] valueProviders, IManifestExpressionProvider[] manifestExpressions)
    {
        Format = format;
        ValueProviders = valueProviders;
        _manifestExpressions = manifestExpressions;
    }

    /// <summary>A composite format: literal braces are doubled, hole n is <c>{n}</c>.</summary>
    public string Format { get; }

    public IReadOnlyList<IValueProvider> ValueProviders { get; }

    public IReadOnlyList<string> ManifestExpressions => [.. _manifestExpressions.Select(e => e.ValueExpression)];

    public string ValueExpression => string.Format(CultureInfo.InvariantCulture, Format, [.. ManifestExpressions]);

    public IEnumerable<object> References => ValueProviders;

    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.Build();

    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
    {
        var values = new object?[ValueProviders.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = await ValueProviders[i].GetValueAsync(cancellationToken);
        return string.Format(CultureInfo.InvariantCulture, Format, values);
    }

    /// <summary>Collects the text and the holes of <c>$"…"</c>.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        private readonly StringBuilder _format = new(literalLength + (formattedCount * 4));
        private readonly List<IValueProvider> _values = new(formattedCount);
        private readonly List<IManifestExpressionProvider> _expressions = new(formattedCount);

        public void AppendLiteral(string value) =>
            _format.Append(value.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));

        public void AppendFormatted(string? value) => AppendLiteral(value ?? "");

        public void AppendFormatted<T>(T valueProvider) where T : IValueProvider, IManifestExpressionProvider
        {
            _format.Append('{').Append(_values.Count).Append('}');
            _values.Add(valueProvider);
            _expressions.Add(valueProvider);
        }

        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider) where T : IResource, IValueProvider, IManifestExpressionProvider =>
            AppendFormatted(valueProvider.Resource);

        internal ReferenceExpression Build() => new(_format.ToString(), [.. _values], [.. _expressions]);
    }
}

/// <summary>The connection string of <see cref="Resource"/>, as a value of an environment variable.</summary>
public sealed class ConnectionStringReference(IResourceWithConnectionString resource, bool optional) : IExpressionValue
{
    public IResourceWithConnectionString Resource { get; } = resource;

    public bool Optional { get; } = optional;

    public string ValueExpression => ((IManifestExpressionProvider)Resource).ValueExpression;

    public IEnumerable<object> References => [Resource];

    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        await Resource.GetConnectionStringAsync(cancellationToken) is { Length: > 0 } value ? value
            : Optional ? null : throw new DistributedApplicationException($"The connection string of '{Resource.Name}' is empty.");
}

internal static class Secrecy
{
    /// <summary>True when a secret parameter stands anywhere in the value.</summary>
    public static bool IsSecret(object? value) => value switch
    {
        ParameterResource parameter => parameter.Secret,
        SecretText => true,
        // An endpoint refers to its resource, which may be a server whose connection string refers to the endpoint.
        EndpointReference or EndpointReferenceExpression => false,
        IValueWithReferences composed => composed.References.Any(IsSecret),
        _ => false,
    };
}

/// <summary>A secret that is no parameter: it goes to its process and is shown masked.</summary>
internal sealed class SecretText(string text) : IValueProvider
{
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(text);
}
