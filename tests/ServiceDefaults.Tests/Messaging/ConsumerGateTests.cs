using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.ServiceDefaults.Tests.Messaging;

[Collection("Messaging")]
public sealed class ConsumerGateTests(Servers servers)
{
    [Fact]
    public async Task A_consumer_that_stops_hands_its_messages_back_also_when_its_client_locks_itself_up()
    {
        const int messages = 10;
        var queue = $"t{Guid.CreateVersion7():N}";
        var address = new Uri(servers.Rabbit);
        var gate = new ConsumerGate();
        var work = new Work();
        var bus = Bus.Factory.CreateUsingRabbitMq(bus =>
        {
            bus.Host(address.Host, (ushort)address.Port, "/", host => host.OnRefreshConnectionFactory = gate.AllowAsync);
            bus.ReceiveEndpoint(queue, endpoint =>
            {
                endpoint.PrefetchCount = 32;
                endpoint.ConcurrentMessageLimit = 1;
                endpoint.Bind(Topology.Exchange, exchange => (exchange.ExchangeType, exchange.RoutingKey) = (ExchangeType.Topic, queue));
                endpoint.DiscardSkippedMessages();
                endpoint.ConfigureReceive(receive =>
                {
                    receive.UseFilter(new EndlessListener());
                    receive.UseFilter(gate);
                    receive.UseFilter(work);
                });
            });
        });
        bus.ConnectReceiveObserver(gate);
        await bus.StartAsync();
        try
        {
            await using var client = await PlainClient.ConnectAsync(servers.Rabbit);
            for (var i = 0; i < messages; i++)
                await client.SendAsync(queue, "{}");
            await work.Begun.WaitAsync(TimeSpan.FromSeconds(20));
            var closing = gate.CloseAsync(CancellationToken.None);
            work.Finish();
            await closing.WaitAsync(TimeSpan.FromSeconds(20));
            // All but the one that was finished, which is acknowledged.
            await Probe.UntilAsync(() => client.CountAsync(queue), count => count == messages - 1, "the messages back in the queue");
        }
        finally
        {
            await bus.StopAsync(TimeSpan.FromSeconds(5));
        }
    }

    /// <summary>The message under way, for as long as the test says.</summary>
    private sealed class Work : IFilter<ReceiveContext>
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        public void Finish() => _finished.TrySetResult();

        public Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
        {
            _begun.TrySetResult();
            return _finished.Task;
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("work");
    }

    /// <summary>A client that closes waits for whoever listens to that, without a limit.</summary>
    private sealed class EndlessListener : IFilter<ReceiveContext>
    {
        private int _count;

        public Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
        {
            if (Interlocked.Increment(ref _count) == 1)
                context.GetPayload<ChannelContext>().Channel.ChannelShutdownAsync += (_, _) => new TaskCompletionSource().Task;
            return next.Send(context);
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("listener");
    }
}
