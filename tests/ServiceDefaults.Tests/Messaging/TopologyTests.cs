using MassTransit;
using TalentSphere.Contracts;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.ServiceDefaults.Tests.Messaging
{
    public sealed class TopologyTests
    {
        [Fact]
        public void Every_event_of_the_contracts_is_valid_and_has_its_own_key()
        {
            var events = Topology.EventsIn(typeof(TopicAttribute).Assembly);
            events.ShouldNotBeEmpty();
            events.Select(topic => topic.Key).ShouldBeUnique();
        }

        [Fact]
        public void A_key_and_a_subject_are_read_from_the_record()
        {
            var topic = Topology.Of<JourneyAdvanced>();
            var journey = Guid.CreateVersion7();
            topic.Key.ShouldBe("testing.journey.advanced");
            topic.SchemaVersion.ShouldBe(1);
            topic.SubjectOf(new JourneyAdvanced(journey, 1)).ShouldBe(journey.ToString());
        }

        [Theory]
        [InlineData(typeof(TwoSegments), "<domain>.<entity>.<action>")]
        [InlineData(typeof(UpperCase), "<domain>.<entity>.<action>")]
        [InlineData(typeof(NoSuchSubject), "'Nothing' is not one of its properties")]
        [InlineData(typeof(global::EventWithoutNamespace), "needs a namespace")]
        [InlineData(typeof(string), "has no [Topic]")]
        public void A_record_that_breaks_a_rule_is_refused_with_the_rule(Type type, string rule) =>
            Should.Throw<InvalidOperationException>(() => Topology.Of(type)).Message.ShouldContain(rule);

        [Fact]
        public void A_service_has_one_consumer_per_event() =>
            Should.Throw<InvalidOperationException>(() => Topology.ConsumedBy([typeof(RecordJourney), typeof(AlsoRecordsJourney)]))
                .Message.ShouldContain("one consumer per event");

        [Fact]
        public void The_keys_of_a_service_are_those_of_its_consumers() =>
            Topology.ConsumedBy([typeof(RecordJourney), typeof(EndJourney)]).Select(topic => topic.Key)
                .ShouldBe(["testing.journey.advanced", "testing.journey.ended"]);

        [Fact]
        public void An_event_without_its_subject_is_not_published() =>
            Should.Throw<InvalidOperationException>(() => Topology.Of<Named>().SubjectOf(new Named(""))).Message.ShouldContain("without a Name");

        [Topic("testing.event", nameof(Id))]
        public sealed record TwoSegments(Guid Id);

        [Topic("testing.Event.made", nameof(Id))]
        public sealed record UpperCase(Guid Id);

        [Topic("testing.event.lost", "Nothing")]
        public sealed record NoSuchSubject(Guid Id);

        [Topic("testing.event.named", nameof(Name))]
        public sealed record Named(string Name);

        private sealed class AlsoRecordsJourney : IConsumer<JourneyAdvanced>
        {
            public Task Consume(ConsumeContext<JourneyAdvanced> context) => Task.CompletedTask;
        }
    }
}

[TalentSphere.Contracts.Topic("testing.event.homeless", nameof(Id))]
public sealed record EventWithoutNamespace(Guid Id);
