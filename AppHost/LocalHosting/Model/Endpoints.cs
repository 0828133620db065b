using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Something a resource listens on. Ports are TCP ports; without <see cref="Port"/> a free one is taken at start and kept.</summary>
public sealed class EndpointAnnotation(
    ProtocolType protocol, string? uriScheme = null, string? transport = null, string? name = null, int? port = null, int? targetPort = null,
    bool? isExternal = null, bool isProxied = true) : IResourceAnnotation
{
    private readonly TaskCompletionSource _allocated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int[] _ports = [];

    public string Name { get; set; } = name ?? uriScheme ?? "tcp";

    public ProtocolType Protocol { get; set; } = protocol;

    public string UriScheme { get; set; } = uriScheme ?? "tcp";

    public string Transport { get; set; } = transport ?? "tcp";

    public string TargetHost { get; set; } = "127.0.0.1";

    /// <summary>The port that clients use.</summary>
    public int? Port { get; set; } = port;

    /// <summary>The port the program listens on inside its container.</summary>
    public int? TargetPort { get; set; } = targetPort;

    public bool IsExternal { get; set; } = isExternal ?? false;

    public bool IsProxied { get; set; } = isProxied;

    /// <summary>One port per replica, empty until allocated.</summary>
    internal IReadOnlyList<int> Ports => _ports;

    /// <summary>The address of one replica, from 0.</summary>
    internal string UrlOf(int replica) => $"{UriScheme}://{TargetHost}:{_ports[replica]}";

    internal Task Allocated => _allocated.Task;

    internal void Allocate(int[] ports)
    {
        _ports = ports;
        _allocated.TrySetResult();
    }
}

/// <summary>Which part of an endpoint an expression means.</summary>
public enum EndpointProperty
{
    Url,
    Host,
    IPV4Host,
    Port,
    Scheme,
    TargetPort,
    HostAndPort,
}

/// <summary>An endpoint of a resource, which need not be allocated yet.</summary>
public sealed class EndpointReference(IResourceWithEndpoints owner, string endpointName) : IExpressionValue
{
    public IResourceWithEndpoints Resource { get; } = owner;

    public string EndpointName { get; } = endpointName;

    public EndpointAnnotation EndpointAnnotation => Resource.Annotations.OfType<EndpointAnnotation>()
        .FirstOrDefault(e => string.Equals(e.Name, EndpointName, StringComparison.OrdinalIgnoreCase))
        ?? throw new DistributedApplicationException($"'{Resource.Name}' has no endpoint '{EndpointName}'.");

    public bool Exists => Resource.Annotations.OfType<EndpointAnnotation>().Any(e => string.Equals(e.Name, EndpointName, StringComparison.OrdinalIgnoreCase));

    public bool IsAllocated => EndpointAnnotation.Ports.Count > 0;

    public string Scheme => EndpointAnnotation.UriScheme;

    public bool IsHttp => Scheme == "http";

    public bool IsHttps => Scheme == "https";

    public string Host => EndpointAnnotation.TargetHost;

    /// <summary>The first replica's port.</summary>
    public int Port => IsAllocated ? EndpointAnnotation.Ports[0]
        : throw new DistributedApplicationException($"The endpoint '{EndpointName}' of '{Resource.Name}' has no port before the application starts.");

    public int? TargetPort => EndpointAnnotation.TargetPort;

    public string Url => $"{Scheme}://{Host}:{Port}";

    public string ValueExpression => $"{{{Resource.Name}.bindings.{EndpointName}.url}}";

    public IEnumerable<object> References => [Resource];

    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => Property(EndpointProperty.Url).GetValueAsync(cancellationToken);
}

/// <summary>One part of an endpoint, as a value.</summary>
public sealed class EndpointReferenceExpression(EndpointReference endpoint, EndpointProperty property) : IExpressionValue
{
    public EndpointReference Endpoint { get; } = endpoint;

    public EndpointProperty Property { get; } = property;

    public string ValueExpression => $"{{{Endpoint.Resource.Name}.bindings.{Endpoint.EndpointName}.{Property.ToString().ToLowerInvariant()}}}";

    public IEnumerable<object> References => [Endpoint];

    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
    {
        await Endpoint.EndpointAnnotation.Allocated.WaitAsync(cancellationToken);
        return Property switch
        {
            EndpointProperty.Url => Endpoint.Url,
            EndpointProperty.Host => Endpoint.Host,
            EndpointProperty.IPV4Host => "127.0.0.1",
            EndpointProperty.Port or EndpointProperty.TargetPort => $"{Endpoint.Port}",
            EndpointProperty.Scheme => Endpoint.Scheme,
            EndpointProperty.HostAndPort => $"{Endpoint.Host}:{Endpoint.Port}",
            _ => throw new NotSupportedException($"Endpoint property {Property}."),
        };
    }
}
