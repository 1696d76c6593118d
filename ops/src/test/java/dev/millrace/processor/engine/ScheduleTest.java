package dev.millrace.processor.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.millrace.ingest.admission.Admission;
import dev.millrace.ingest.admission.AdmitResult.Scheduled;
import dev.millrace.ingest.admission.Due;
import dev.millrace.ingest.admission.Posted;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.processor.engine.Schedule.Promoted;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.Partitions;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.settings.Settings;
import io.lettuce.core.Range;
import io.lettuce.core.StreamMessage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RealRedis(own = true)
final class ScheduleTest {
    private static final int PARTITION = 0;
    // Above 2^53, where a number that went through Lua's text form would lose its end.
    private static final long EPOCH = 1_790_000_000_123_457L;
    private static final Lease LEASE = new Lease(PARTITION, "me", EPOCH);

    private final RedisSpace space;
    private final Keyspace keys;
    private Redis redis;
    private Admission admission;
    private Namespace namespace;
    private Schedule schedule;

    ScheduleTest(RedisSpace space) {
        this.space = space;
        this.keys = new Keyspace(space.namespace());
    }

    @BeforeEach
    void own() {
        space.clear();
        Settings settings = Settings.read(Map.of("REDIS_URL", space.uri(), "MILLRACE_NAMESPACE", space.namespace()));
        redis = Redis.connect(settings.redis(), Duration.ofSeconds(5));
        namespace = Namespace.open(redis, keys, new Partitions(1));
        admission = new Admission(redis, namespace, settings.admission(), new SimpleMeterRegistry(), InstantSource.system());
        schedule = new Schedule(redis, keys);
        space.server().command("HSET", keys.lease(PARTITION, Keyspace.PROCESSORS), "owner", "me", "epoch", Long.toString(EPOCH));
    }

    @AfterEach
    void close() {
        redis.close();
    }

    @Test
    void nothingIsPromotedWhereNothingIsScheduled() {
        assertThat(schedule.promote(LEASE)).isEqualTo(new Promoted(0, Optional.empty()));
    }

    @Test
    void whatIsNotDueStaysAndSaysWhenItWillBe() {
        later(event("later", Priority.NORMAL));

        Promoted promoted = schedule.promote(LEASE);

        assertThat(promoted.count()).isZero();
        assertThat(promoted.nextDueIn()).hasValueSatisfying(
                next -> assertThat(next).isGreaterThan(Duration.ofMinutes(59)).isLessThanOrEqualTo(Duration.ofHours(1)));
        assertThat(stream(Priority.NORMAL)).isEmpty();
        assertThat(depth()).isEmpty();
    }

    @Test
    void whatIsDueGoesToTheStreamOfItsPriorityUnderItsOwnId() throws Exception {
        Map<Priority, EventRef> refs = new TreeMap<>();
        for (Priority priority : Priority.values()) {
            refs.put(priority, later(event("order-" + priority.word(), priority)));
        }
        makeDue();

        Promoted promoted = schedule.promote(LEASE);

        assertThat(promoted.count()).isEqualTo(3);
        assertThat(promoted.nextDueIn()).isEmpty();
        Map<String, String> moved = strings(keys.moved(PARTITION));
        assertThat(moved).hasSize(3);
        for (Priority priority : Priority.values()) {
            StreamMessage<String, byte[]> entry = stream(priority).getFirst();
            EventRef ref = refs.get(priority);
            assertThat(EventCodec.decode(priority, entry.getBody()))
                    .isEqualTo(event("order-" + priority.word(), priority).from(ref.asOrigin()));
            assertThat(moved).containsEntry(ref.asOrigin().toString(), priority.word() + '/' + entry.getId());
        }
        assertThat(depth()).containsOnly(Map.entry("l:high/acme/order-high", "1"), Map.entry("l:acme/order-normal", "1"),
                Map.entry("l:low/acme/order-low", "1"), Map.entry("c:acme", "3"));
        assertThat(strings(keys.scheduledPayloads(PARTITION))).containsOnlyKeys(Keyspace.SCHEDULED_LAST);
        assertThat(schedule.promote(LEASE).count()).isZero();
    }

    @Test
    void equalDueTimesKeepTheOrderOfAcceptanceAndBulkStopsSomewhere() throws Exception {
        Instant time = Instant.now().plusSeconds(3_600);
        List<Posted> posted = new ArrayList<>();
        for (int i = 0; i < 450; i++) {
            posted.add(new Posted(new Event(new Lane("acme", "lane" + i % 3, Priority.NORMAL), "t", "{\"n\":" + i + '}', null),
                    new Due.At(time)));
        }
        posted.forEach(admission::admit);
        makeDue();

        List<Integer> counts = new ArrayList<>();
        Promoted promoted = schedule.promote(LEASE);
        while (promoted.count() > 0) {
            counts.add(promoted.count());
            assertThat(promoted.nextDueIn()).isEqualTo(
                    counts.stream().mapToInt(n -> n).sum() < 450 ? Optional.of(Duration.ZERO) : Optional.empty());
            promoted = schedule.promote(LEASE);
        }

        assertThat(counts).containsExactly(200, 200, 50);
        List<String> data = new ArrayList<>();
        for (StreamMessage<String, byte[]> entry : stream(Priority.NORMAL)) {
            data.add(EventCodec.decode(Priority.NORMAL, entry.getBody()).data());
        }
        assertThat(data).isEqualTo(posted.stream().map(event -> event.event().data()).toList());
        assertThat(depth()).containsEntry("l:acme/lane0", "150").containsEntry("c:acme", "450");
        List<StreamId> ids = stream(Priority.NORMAL).stream().map(entry -> StreamId.parse(entry.getId())).toList();
        assertThat(ids).isSorted().allSatisfy(id -> assertThat(id.seq()).isLessThan(1 << 17));
    }

    @Test
    void theEarlierDueComesFirstWhateverWasAcceptedFirst() throws Exception {
        admission.admit(new Posted(event("second", Priority.NORMAL), new Due.In(Duration.ofMillis(80))));
        admission.admit(new Posted(event("first", Priority.NORMAL), new Due.In(Duration.ofMillis(20))));
        int count = 0;
        while (count < 2) {
            count += schedule.promote(LEASE).count();
        }
        assertThat(lanes()).containsExactly("first", "second");
    }

    @Test
    void nothingIsPromotedBeforeItsTime() {
        Scheduled scheduled = (Scheduled) admission.admit(new Posted(event("soon", Priority.NORMAL), new Due.In(Duration.ofMillis(120))));
        while (schedule.promote(LEASE).count() == 0) {
            assertThat(stream(Priority.NORMAL)).isEmpty();
        }
        StreamId id = StreamId.parse(stream(Priority.NORMAL).getFirst().getId());
        assertThat(id.ms()).isGreaterThanOrEqualTo(scheduled.runAt().toEpochMilli());
    }

    @Test
    void aPastOwnerPromotesNothing() {
        later(event("late", Priority.NORMAL));
        makeDue();
        for (Lease past : List.of(new Lease(PARTITION, "me", EPOCH - 1), new Lease(PARTITION, "other", EPOCH))) {
            assertThatExceptionOfType(FencedException.class).isThrownBy(() -> schedule.promote(past));
        }
        assertThat(stream(Priority.NORMAL)).isEmpty();
        assertThat(schedule.promote(LEASE).count()).isEqualTo(1);
    }

    @Test
    void aStreamAheadOfTheClockIsPromotedToAllTheSame() {
        String ahead = System.currentTimeMillis() + 3_600_000 + "-7";
        space.server().command("XADD", keys.events(PARTITION, Priority.NORMAL), ahead, "v", "1");
        later(event("late", Priority.NORMAL));
        later(event("later", Priority.NORMAL));
        makeDue();

        assertThat(schedule.promote(LEASE).count()).isEqualTo(2);
        assertThat(stream(Priority.NORMAL)).extracting(entry -> StreamId.parse(entry.getId())).isSorted().hasSize(3);
    }

    @Test
    void whatDoesNotReadIsPromotedAsItIsAndHoldsNobodyBack() {
        EventRef broken = later(event("broken", Priority.HIGH));
        EventRef gone = later(event("gone", Priority.HIGH));
        later(event("fine", Priority.HIGH));
        space.server().command("HSET", keys.scheduledPayloads(PARTITION), Keyspace.scheduledMember(broken.id()), "nonsense");
        space.server().command("HDEL", keys.scheduledPayloads(PARTITION), Keyspace.scheduledMember(gone.id()));
        makeDue();

        assertThat(schedule.promote(LEASE).count()).isEqualTo(3);
        assertThat(stream(Priority.HIGH)).hasSize(1);
        assertThat(stream(Priority.NORMAL)).hasSize(2).allSatisfy(entry -> {
            assertThatExceptionOfType(MalformedEntryException.class)
                    .isThrownBy(() -> EventCodec.decode(Priority.NORMAL, entry.getBody()));
            assertThat(EventCodec.origin(entry.getBody())).isPresent();
        });
        assertThat(depth()).containsOnly(Map.entry("l:high/acme/fine", "1"), Map.entry("c:acme", "1"));
    }

    @Test
    void promotionGoesOnWhereMemoryIsFull() {
        later(event("late", Priority.NORMAL));
        makeDue();
        space.server().command("CONFIG", "SET", "maxmemory", "1");
        try {
            assertThat(schedule.promote(LEASE).count()).isEqualTo(1);
        } finally {
            space.server().command("CONFIG", "SET", "maxmemory", "0");
        }
    }

    private EventRef later(Event event) {
        Scheduled scheduled = (Scheduled) admission.admit(new Posted(event, new Due.In(Duration.ofHours(1))));
        return namespace.eventIds().decode("acme", scheduled.eventId()).orElseThrow();
    }

    /** Sets all due times back to one moment, rather than wait for them. */
    private void makeDue() {
        for (byte[] member : redis.await(redis.command(keys.scheduled(PARTITION), (commands, at) -> commands.zrange(at, 0, -1)))) {
            space.server().command("ZADD", keys.scheduled(PARTITION), "1000", new String(member, StandardCharsets.UTF_8));
        }
    }

    private static Event event(String lane, Priority priority) {
        return new Event(new Lane("acme", lane, priority), "order.paid", "{\"lane\":\"" + lane + "\"}", null);
    }

    private List<String> lanes() throws MalformedEntryException {
        List<String> lanes = new ArrayList<>();
        for (StreamMessage<String, byte[]> entry : stream(Priority.NORMAL)) {
            lanes.add(EventCodec.decode(Priority.NORMAL, entry.getBody()).lane().name());
        }
        return lanes;
    }

    private List<StreamMessage<String, byte[]>> stream(Priority priority) {
        return redis.await(redis.command(keys.events(PARTITION, priority), (commands, at) -> commands.xrange(at, Range.unbounded())));
    }

    private Map<String, String> depth() {
        return strings(keys.depth(PARTITION));
    }

    private Map<String, String> strings(String key) {
        Map<String, String> strings = new TreeMap<>();
        redis.hgetall(key).forEach((field, value) -> strings.put(field, new String(value, StandardCharsets.UTF_8)));
        return strings;
    }
}
