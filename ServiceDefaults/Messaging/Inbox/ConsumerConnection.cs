using System.Reflection;
using MassTransit;
using MassTransit.Context;
using Microsoft.Extensions.DependencyInjection;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>Connects one consumer type to the queue.</summary>
internal interface IConsumerConnection
{
    Type ConsumerType { get; }

    void Connect(IReceiveEndpointConfigurator endpoint, EventPipeline pipeline);

    /// <summary>Has this consumer repeat, in the shadow, the effect of an event that it handles.</summary>
    /// <returns>False when it had that effect there already.</returns>
    Task<bool> RepeatAsync(ConsumeContext context, Type eventType, EventPipeline pipeline, Arrival arrival);
}

internal sealed class ConsumerConnection<TConsumer> : IConsumerConnection
    where TConsumer : class, IConsumer
{
    private static readonly MethodInfo _generic = typeof(ConsumerConnection<TConsumer>).GetMethod(nameof(RepeatAsync), BindingFlags.NonPublic | BindingFlags.Static)!;

    private static readonly Dictionary<Type, Repeat> _repeat = Topology.ConsumedBy([typeof(TConsumer)])
        .ToDictionary(topic => topic.EventType, topic => Bind(topic.EventType));

    private delegate Task<bool> Repeat(ConsumeContext context, EventPipeline pipeline, Arrival arrival);

    public Type ConsumerType => typeof(TConsumer);

    public void Connect(IReceiveEndpointConfigurator endpoint, EventPipeline pipeline) => endpoint.Consumer(new Factory(pipeline));

    public Task<bool> RepeatAsync(ConsumeContext context, Type eventType, EventPipeline pipeline, Arrival arrival) =>
        _repeat[eventType](context, pipeline, arrival);

    private static Repeat Bind(Type eventType) => _generic.MakeGenericMethod(eventType).CreateDelegate<Repeat>();

    private static Task<bool> RepeatAsync<T>(ConsumeContext context, EventPipeline pipeline, Arrival arrival)
        where T : class =>
        context.TryGetMessage<T>(out var message)
            ? pipeline.RepeatAsync(message, (scope, seen) => ((IConsumer<T>)scope.GetRequiredService<TConsumer>()).Consume(seen), arrival)
            : throw new MalformedEventException($"'{context.Envelope().EventType}' is no {typeof(T).Name}.");

    /// <summary>Gives the bus a fresh consumer per try, inside the inbox's transaction.</summary>
    private sealed class Factory(EventPipeline pipeline) : IConsumerFactory<TConsumer>
    {
        public Task Send<T>(ConsumeContext<T> context, IPipe<ConsumerConsumeContext<TConsumer, T>> next)
            where T : class =>
            pipeline.HandleAsync(context, (scope, message) =>
                next.Send(new ConsumerConsumeContextScope<TConsumer, T>(message, scope.GetRequiredService<TConsumer>())));

        public void Probe(ProbeContext context) => context.CreateConsumerFactoryScope<TConsumer>("inbox");
    }
}
