using MassTransit;
using MassTransit.Context;
using Microsoft.Extensions.DependencyInjection;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>Connects one consumer type to the queue.</summary>
internal interface IConsumerConnection
{
    Type ConsumerType { get; }

    void Connect(IReceiveEndpointConfigurator endpoint, EventPipeline pipeline);
}

internal sealed class ConsumerConnection<TConsumer> : IConsumerConnection
    where TConsumer : class, IConsumer
{
    public Type ConsumerType => typeof(TConsumer);

    public void Connect(IReceiveEndpointConfigurator endpoint, EventPipeline pipeline) => endpoint.Consumer(new Factory(pipeline));

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
