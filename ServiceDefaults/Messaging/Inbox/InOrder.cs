using MassTransit;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>
/// Lets one message through at a time, in the order of delivery. The bus starts a task per prefetched message, and tasks overtake each other; the broker's
/// delivery tags, consecutive per consumer, say whose turn it is.
/// </summary>
internal sealed class InOrder(Handover handover) : IFilter<ReceiveContext>
{
    private readonly Lock _gate = new();
    private Line _line = new("");

    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        if (!context.TryGetPayload(out RabbitMqBasicConsumeContext? delivery))
            throw new InvalidOperationException("A delivery without a tag has no place in the order.");
        var (line, turn) = Join(delivery!);
        await turn;
        try
        {
            await handover.Between.WaitAsync(context.CancellationToken);
            try
            {
                await next.Send(context);
            }
            finally
            {
                handover.Between.Release();
            }
        }
        finally
        {
            lock (_gate)
            {
                line.Advance();
            }
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("inOrder");

    private (Line Line, Task Turn) Join(RabbitMqBasicConsumeContext delivery)
    {
        lock (_gate)
        {
            if (_line.ConsumerTag != delivery.ConsumerTag)
            {
                // A new channel: what the old one delivered cannot be acknowledged any more and comes again.
                _line.Close();
                _line = new Line(delivery.ConsumerTag);
            }
            return (_line, _line.Wait(delivery.DeliveryTag));
        }
    }

    private sealed class Line(string consumerTag)
    {
        private readonly Dictionary<ulong, TaskCompletionSource> _waiting = [];
        private ulong _next = 1;
        private bool _closed;

        public string ConsumerTag => consumerTag;

        public Task Wait(ulong tag)
        {
            if (_closed)
                return Task.FromCanceled(new CancellationToken(canceled: true));
            if (tag == _next)
                return Task.CompletedTask;
            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting[tag] = turn;
            return turn.Task;
        }

        public void Advance()
        {
            _next++;
            if (_waiting.Remove(_next, out var turn))
                turn.SetResult();
        }

        public void Close()
        {
            _closed = true;
            foreach (var turn in _waiting.Values)
                turn.SetCanceled();
            _waiting.Clear();
        }
    }
}
