using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TalentSphere.ServiceDefaults.Erasure;
using TalentSphere.ServiceDefaults.Health;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>Registers the messaging of a service.</summary>
public static class MessagingExtensions
{
    /// <summary>
    /// Events out through the outbox of <typeparamref name="TDbContext"/>, events in through its inbox. Needs <c>ConnectionStrings:rabbitmq</c>
    /// (<c>amqp://user:password@host:port/</c>), a <see cref="ServiceIdentity"/>, a scoped <typeparamref name="TDbContext"/> that maps
    /// <see cref="MessagingTables.AddMessagingTables"/> and has the registered <see cref="IInterceptor"/>s, and a singleton <c>NpgsqlDataSource</c>.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="configure">Adds the consumers; without it the service only publishes.</param>
    /// <exception cref="InvalidOperationException">A consumer handles no event, or two handle the same one.</exception>
    public static IHostApplicationBuilder AddMessaging<TDbContext>(this IHostApplicationBuilder builder, Action<MessagingBuilder>? configure = null)
        where TDbContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        var messaging = new MessagingBuilder(services);
        configure?.Invoke(messaging);
        var subscriptions = messaging.Build();

        services.AddOptions<MessagingOptions>().BindConfiguration(MessagingOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<MessagingOptions>, MessagingSettings>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton<MessagingMetrics>();
        services.AddSingleton<EventWriter>();
        services.AddSingleton<OutboxSignal>();
        services.AddSingleton<IInterceptor>(provider => provider.GetRequiredService<OutboxSignal>());
        services.AddScoped<AfterCommit>();
        services.AddScoped<EventEffect>();
        services.AddSingleton(subscriptions);
        services.AddSingleton<Broker>();
        var database = (IServiceProvider scope) => (DbContext)scope.GetRequiredService<TDbContext>();
        services.AddSingleton<EventRedaction>();
        services.AddSingleton<DeadLetterRedaction>();
        services.AddSingleton(provider => new RetainedEvents(provider.GetRequiredService<EventRedaction>()));
        services.AddScoped(provider => new SubjectErasure(
            provider.GetRequiredService<RetainedEvents>(), provider.GetRequiredService<DeadLetterRedaction>(), provider.GetRequiredService<EventEffect>()));
        services.AddSingleton(new ErasedCallers(database));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<DeadLetters>(provider, database));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<EventPipeline>(provider, database));
        services.AddSingleton<EventBus>();
        services.AddSingleton<DeadLetterBox>();
        services.AddSingleton<SetAsideEvents>();
        services.AddSingleton<DeliveryLedger>();
        services.AddSingleton<OutboxArchive>();
        if (messaging.Projection is { } projection)
        {
            services.AddSingleton(projection);
            services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ShadowRebuild>(provider,
                (Func<IServiceProvider, DbContext>)(scope => scope.GetRequiredService<TDbContext>())));
            services.AddHostedService(provider => provider.GetRequiredService<ShadowRebuild>());
        }

        // Stopped in the reverse order: first nothing more is consumed, then the last events go out, then the connection closes.
        services.AddHostedService(provider => provider.GetRequiredService<Broker>());
        services.AddHostedService<OutboxRelay>();
        services.AddHostedService<DeadLetterDepth>();
        services.AddHostedService(provider => provider.GetRequiredService<EventBus>());

        services.AddHealthChecks().AddCheck<BrokerHealthCheck>("rabbitmq", HealthStatus.Degraded, [HealthTags.Ready]);
        builder.Logging.AddFilter("MassTransit", LogLevel.Warning);
        // Its errors are told once, with the event's name, by the pipeline and the dead letters; what is left is a closing connection's own noise.
        builder.Logging.AddFilter("MassTransit.ReceiveTransport", LogLevel.None);
        return builder;
    }

    private sealed class MessagingSettings(IConfiguration configuration) : IValidateOptions<MessagingOptions>
    {
        public ValidateOptionsResult Validate(string? name, MessagingOptions options)
        {
            var problems = new List<string>();
            if (options.Problem() is { } problem)
                problems.Add(problem);
            // The value holds a password: it is never repeated.
            if (!Uri.TryCreate(configuration.GetConnectionString("rabbitmq"), UriKind.Absolute, out var uri) || uri.Scheme is not ("amqp" or "amqps"))
                problems.Add("ConnectionStrings:rabbitmq must be amqp://user:password@host:port/.");
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}

/// <summary>Collects the consumers of a service.</summary>
public sealed class MessagingBuilder
{
    private readonly IServiceCollection _services;
    private readonly List<IConsumerConnection> _consumers = [];

    internal MessagingBuilder(IServiceCollection services) => _services = services;

    internal Projection? Projection { get; private set; }

    /// <summary>
    /// Adds a consumer, created anew for every try of every message in a scope of its own. It works on that scope's DbContext and saves it itself; the
    /// transaction around it, which also holds the inbox row, is committed after it returns and rolled back when it throws.
    /// </summary>
    public MessagingBuilder AddConsumer<TConsumer>()
        where TConsumer : class, IConsumer
    {
        _services.TryAddScoped<TConsumer>();
        _consumers.Add(new ConsumerConnection<TConsumer>());
        return this;
    }

    /// <summary>Says which tables the consumers make of events; then an administrator can rebuild them from the retained events.</summary>
    public MessagingBuilder AddProjection(Action<ProjectionBuilder> describe)
    {
        ArgumentNullException.ThrowIfNull(describe);
        var projection = new ProjectionBuilder();
        describe(projection);
        Projection = projection.Build();
        return this;
    }

    /// <summary>Adds a generic consumer once for each event of the contracts that its constraint admits: <c>AddConsumers(typeof(NoteAnswer&lt;&gt;))</c>.</summary>
    /// <exception cref="ArgumentException">The type is no consumer.</exception>
    public MessagingBuilder AddConsumers(Type genericConsumer)
    {
        foreach (var consumer in Topology.Closed(genericConsumer))
        {
            _services.TryAddScoped(consumer);
            _consumers.Add((IConsumerConnection)Activator.CreateInstance(typeof(ConsumerConnection<>).MakeGenericType(consumer))!);
        }
        return this;
    }

    internal Subscriptions Build() => new(Topology.ConsumedBy(_consumers.Select(c => c.ConsumerType)), _consumers);
}
