package dev.millrace.ingest.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.ingest.admission.AdmitResult.Accepted;
import dev.millrace.ingest.admission.AdmitResult.ClientFull;
import dev.millrace.ingest.admission.AdmitResult.Conflict;
import dev.millrace.ingest.admission.AdmitResult.DedupeFull;
import dev.millrace.ingest.admission.AdmitResult.LaneFull;
import dev.millrace.ingest.admission.AdmitResult.QueueFull;
import dev.millrace.ingest.admission.AdmitResult.Replayed;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Partitions;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.settings.AdmissionSettings;
import dev.millrace.schema.settings.RedisSettings;
import io.lettuce.core.Range;
import io.lettuce.core.StreamMessage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RealRedis
final class AdmissionTest {
    private static final int PARTITIONS = 4;
    private static final AdmissionSettings ROOMY = new AdmissionSettings(100_000, 10_000, 50_000, 100_000, Duration.ofDays(90),
            Duration.ofHours(1), 200_000, 65_536);

    private final RedisSpace space;
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private Redis redis;
    private Namespace namespace;

    AdmissionTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void open() {
        space.clear();
        RedisSettings settings = new RedisSettings(space.uri(), space.namespace(), Duration.ofSeconds(5));
        redis = Redis.connect(settings, settings.timeout());
        namespace = Namespace.open(redis, new Keyspace(space.namespace()), new Partitions(PARTITIONS));
    }

    @AfterEach
    void close() {
        redis.close();
    }

    @Test
    void anAcceptedEventIsInTheStreamThatItsIdNames() throws Exception {
        Event event = event("alice", "{\"player\":\"alice\",\"value\":1}", "key-1");

        Accepted accepted = (Accepted) admission(ROOMY).admit(event);

        EventRef ref = namespace.eventIds().decode("acme", accepted.eventId()).orElseThrow();
        assertThat(ref.partition()).isEqualTo(accepted.partition()).isEqualTo(namespace.partitions().of("acme", "alice"));
        List<StreamMessage<String, byte[]>> entries = stream(ref.partition(), ref.priority());
        assertThat(entries).hasSize(1);
        assertThat(entries.getFirst().getId()).isEqualTo(ref.id().toString());
        assertThat(EventCodec.decode(ref.priority(), entries.getFirst().getBody())).isEqualTo(event);
    }

    @Test
    void depthCountsUnfinishedEventsByLaneAndByClient() {
        Admission admission = admission(ROOMY);
        int partition = namespace.partitions().of("acme", "alice");
        String neighbour = IntStream.range(0, 1_000).mapToObj(n -> "p" + n)
                .filter(lane -> namespace.partitions().of("acme", lane) == partition)
                .findFirst().orElseThrow();

        admission.admit(List.of(event("alice"), event("alice"), event(neighbour)));
        admission.admit(event("alice"));

        assertThat(depth(partition)).containsExactlyInAnyOrderEntriesOf(
                Map.of(Keyspace.laneDepth(new Lane("acme", "alice", Priority.NORMAL)), "3",
                        Keyspace.laneDepth(new Lane("acme", neighbour, Priority.NORMAL)), "1", Keyspace.clientDepth("acme"),
                        "4"));
    }

    @Test
    void theSameKeyAndContentIsAnsweredWithTheFirstId() {
        Admission admission = admission(ROOMY);
        Accepted first = (Accepted) admission.admit(event("alice", "{\"value\":1}", "k"));

        assertThat(admission.admit(event("alice", "{\"value\":1}", "k"))).isEqualTo(new Replayed(first.eventId(), first.partition(), null));
        assertThat(total()).isEqualTo(1);
        assertThat(depth(first.partition())).containsEntry(Keyspace.laneDepth(new Lane("acme", "alice", Priority.NORMAL)), "1");
    }

    @Test
    void theSameKeyWithOtherContentIsAConflict() {
        Admission admission = admission(ROOMY);
        admission.admit(event("alice", "{\"value\":1}", "k"));

        assertThat(admission.admit(event("alice", "{\"value\":2}", "k"))).isEqualTo(new Conflict());
        assertThat(admission.admit(new Event(new Lane("acme", "alice", Priority.NORMAL), "score.set", "{\"value\":1}", "k")))
                .isEqualTo(new Conflict());
        assertThat(total()).isEqualTo(1);
    }

    @Test
    void keysOfOtherLanesAndClientsAreOtherKeys() {
        Admission admission = admission(ROOMY);

        List<AdmitResult> results = admission.admit(List.of(event("alice", "{}", "k"), event("bob", "{}", "k"),
                new Event(new Lane("other", "alice", Priority.NORMAL), "score.add", "{}", "k")));

        assertThat(results).hasOnlyElementsOfType(Accepted.class);
    }

    @Test
    void eventsWithoutAKeyAreNeverReplays() {
        Admission admission = admission(ROOMY);

        assertThat(admission.admit(List.of(event("alice"), event("alice")))).hasOnlyElementsOfType(Accepted.class);
        assertThat(space.server().command("KEYS", "*once*")).isEmpty();
    }

    @Test
    void aKeyIsRememberedForTheWindowAfterItsOwnToo() {
        Admission admission = admission(ROOMY);
        Accepted first = (Accepted) admission.admit(event("alice", "{}", "k"));
        long window = window();
        space.server().command("RENAME", namespace.keys().once(first.partition(), window),
                namespace.keys().once(first.partition(), window - 1));

        assertThat(admission.admit(event("alice", "{}", "k"))).isEqualTo(new Replayed(first.eventId(), first.partition(), null));
    }

    @Test
    void aWindowsKeysExpireAfterTwoWindows() {
        Accepted first = (Accepted) admission(ROOMY).admit(event("alice", "{}", "k"));

        long ttl = Long.parseLong(space.server().command("PTTL", namespace.keys().once(first.partition(), window())));

        assertThat(ttl).isBetween(Duration.ofMinutes(119).toMillis(), Duration.ofHours(2).toMillis());
    }

    @Test
    void aClockThatIsOffIsCorrectedByRedis() {
        InstantSource wrong = InstantSource.offset(InstantSource.system(), Duration.ofDays(-3));
        Admission admission = new Admission(redis, namespace, ROOMY, metrics, wrong);

        Accepted first = (Accepted) admission.admit(event("alice", "{}", "k"));

        assertThat(space.server().command("EXISTS", namespace.keys().once(first.partition(), window()))).isEqualTo("1");
        assertThat(admission.admit(event("alice", "{}", "k"))).isInstanceOf(Replayed.class);
    }

    @Test
    void aFullQueueRefusesWhatIsNewAndStillAnswersReplays() {
        Admission admission = admission(
                new AdmissionSettings(2, 10_000, 50_000, 100_000, Duration.ofDays(90), Duration.ofHours(1), 200_000, 65_536));

        List<AdmitResult> results = admission
                .admit(List.of(event("alice", "{}", "k"), event("alice"), event("alice"), event("alice", "{}", "k")));

        assertThat(results.get(1)).isInstanceOf(Accepted.class);
        assertThat(results.get(2)).isEqualTo(new QueueFull());
        assertThat(results.get(3)).isInstanceOf(Replayed.class);
        assertThat(total()).isEqualTo(2);
    }

    @Test
    void aFullLaneRefusesItsOwnEventsOnly() {
        Admission admission = admission(
                new AdmissionSettings(100_000, 3, 50_000, 100_000, Duration.ofDays(90), Duration.ofHours(1), 200_000, 65_536));

        List<AdmitResult> results = admission.admit(List.of(event("alice"), event("alice"), event("alice"), event("alice"), event("bob")));

        assertThat(results.get(3)).isEqualTo(new LaneFull());
        assertThat(results.get(4)).isInstanceOf(Accepted.class);
        assertThat(admission.admit(event("alice"))).isEqualTo(new LaneFull());
    }

    @Test
    void aClientPastItsShareIsRefusedToTheEventAndOthersGoOn() {
        Admission admission = admission(
                new AdmissionSettings(100_000, 10_000, 3, 100_000, Duration.ofDays(90), Duration.ofHours(1), 200_000, 65_536));
        int partition = namespace.partitions().of("acme", "alice");
        List<String> lanes = IntStream.range(0, 1_000).mapToObj(n -> "p" + n)
                .filter(lane -> namespace.partitions().of("acme", lane) == partition).limit(4).toList();
        String rivals = IntStream.range(0, 1_000).mapToObj(n -> "p" + n)
                .filter(lane -> namespace.partitions().of("rival", lane) == partition).findFirst().orElseThrow();
        Event rival = new Event(new Lane("rival", rivals, Priority.NORMAL), "score.add", "{}", null);

        List<AdmitResult> results = admission.admit(List.of(event(lanes.get(0)), event(lanes.get(1)), rival, event(lanes.get(0)),
                event(lanes.get(2)), event(lanes.get(1)), rival));

        assertThat(results.subList(0, 4)).allSatisfy(result -> assertThat(result).isInstanceOf(Accepted.class));
        assertThat(results.subList(4, 6)).containsOnly(new ClientFull());
        assertThat(results.get(6)).isInstanceOf(Accepted.class);
        assertThat(admission.admit(event(lanes.get(3)))).isEqualTo(new ClientFull());
        assertThat(depth(partition)).containsEntry(Keyspace.clientDepth("acme"), "3").containsEntry(Keyspace.clientDepth("rival"), "2");
    }

    @Test
    void aFullDedupeWindowRefusesKeysOnlyAndSaysForHowLong() {
        Admission admission = admission(
                new AdmissionSettings(100_000, 10_000, 50_000, 100_000, Duration.ofDays(90), Duration.ofHours(1), 2, 65_536));

        List<AdmitResult> results = admission
                .admit(List.of(event("alice", "{}", "1"), event("alice", "{}", "2"), event("alice", "{}", "3"), event("alice")));

        assertThat(results.get(2)).isInstanceOfSatisfying(DedupeFull.class,
                full -> assertThat(full.forThis()).isPositive().isLessThanOrEqualTo(Duration.ofHours(1)));
        assertThat(results.get(3)).as("behind it in its lane, so not before it").isEqualTo(results.get(2));
        assertThat(admission.admit(event("alice"))).isInstanceOf(Accepted.class);
    }

    @Test
    void aListIsAnsweredInItsOrderAndEachLaneIsAppendedInIt() throws Exception {
        List<Event> events = new ArrayList<>();
        for (int n = 0; n < 1_000; n++) {
            events.add(event("lane" + n % 7, "{\"n\":" + n + "}", null));
        }

        List<AdmitResult> results = admission(ROOMY).admit(events);

        for (int n = 0; n < events.size(); n++) {
            EventRef ref = namespace.eventIds().decode("acme", ((Accepted) results.get(n)).eventId()).orElseThrow();
            StreamMessage<String, byte[]> entry = stream(ref).getFirst();
            assertThat(EventCodec.decode(ref.priority(), entry.getBody())).isEqualTo(events.get(n));
        }
        for (int lane = 0; lane < 7; lane++) {
            int of = lane;
            List<EventRef> refs = IntStream.range(0, events.size()).filter(n -> n % 7 == of)
                    .mapToObj(n -> namespace.eventIds().decode("acme", ((Accepted) results.get(n)).eventId()).orElseThrow()).toList();
            assertThat(refs).extracting(EventRef::id).isSorted().doesNotHaveDuplicates();
        }
        assertThat(metrics.get("millrace_events_admitted_total").tag("type", "score.add").counter().count()).isEqualTo(1_000);
    }

    @Test
    void twoHundredCallersWithOneKeyAppendOneEvent() throws Exception {
        Admission admission = admission(ROOMY);
        List<Callable<AdmitResult>> calls = new ArrayList<>();
        for (int n = 0; n < 200; n++) {
            calls.add(() -> admission.admit(event("alice", "{}", "k")));
        }

        List<AdmitResult> results = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<AdmitResult> result : callers.invokeAll(calls)) {
                results.add(result.get());
            }
        }

        assertThat(results).filteredOn(Accepted.class::isInstance).hasSize(1);
        Accepted first = (Accepted) results.stream().filter(Accepted.class::isInstance).findFirst().orElseThrow();
        assertThat(results).filteredOn(Replayed.class::isInstance).hasSize(199)
                .containsOnly(new Replayed(first.eventId(), first.partition(), null));
        assertThat(total()).isEqualTo(1);
    }

    @Test
    void idsOfAllPartitionsAreInTheOrderOfAcceptance() {
        Admission admission = admission(ROOMY);
        List<StreamId> ids = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            ids.add(idOf(admission.admit(event("p" + i))));
        }

        assertThat(ids).isSorted().doesNotHaveDuplicates();
        assertThat(ids).allSatisfy(id -> assertThat(id.seq()).isLessThan(1 << 16));
    }

    @Test
    void aStreamAheadOfTheClockIsAppendedToAllTheSame() {
        int partition = namespace.partitions().of("acme", "alice");
        String ahead = System.currentTimeMillis() + 3_600_000 + "-7";
        space.server().command("XADD", namespace.keys().events(partition, Priority.NORMAL), ahead, "v", "1");

        List<AdmitResult> results = admission(ROOMY).admit(List.of(event("alice"), event("alice")));

        assertThat(results.stream().map(this::idOf)).isSorted().allSatisfy(id -> assertThat(id).isGreaterThan(StreamId.parse(ahead)));
    }

    private StreamId idOf(AdmitResult result) {
        return namespace.eventIds().decode("acme", ((Accepted) result).eventId()).orElseThrow().id();
    }

    @Test
    void aKeyOfAWrongTypeFailsBeforeAnythingIsWritten() {
        int partition = namespace.partitions().of("acme", "alice");
        space.server().command("SET", namespace.keys().depth(partition), "not a hash");

        assertThatThrownBy(() -> admission(ROOMY).admit(event("alice"))).hasMessageContaining("WRONGTYPE");
        assertThat(total()).isZero();
    }

    private Admission admission(AdmissionSettings settings) {
        return new Admission(redis, namespace, settings, metrics, InstantSource.system());
    }

    private long window() {
        return System.currentTimeMillis() / ROOMY.dedupeWindow().toMillis();
    }

    private static Event event(String lane) {
        return event(lane, "{}", null);
    }

    private static Event event(String lane, String data, String key) {
        return new Event(new Lane("acme", lane, Priority.NORMAL), "score.add", data, key);
    }

    private long total() {
        return IntStream.range(0, PARTITIONS).mapToLong(partition -> Arrays.stream(Priority.values())
                .mapToLong(priority -> stream(partition, priority).size()).sum()).sum();
    }

    private Map<String, String> depth(int partition) {
        Map<String, String> depth = new TreeMap<>();
        redis.hgetall(namespace.keys().depth(partition))
                .forEach((field, count) -> depth.put(field, new String(count, StandardCharsets.UTF_8)));
        return depth;
    }

    private List<StreamMessage<String, byte[]>> stream(int partition, Priority priority) {
        return redis.await(
                redis.command(namespace.keys().events(partition, priority), (commands, at) -> commands.xrange(at, Range.unbounded())));
    }

    private List<StreamMessage<String, byte[]>> stream(EventRef ref) {
        return redis.await(redis.command(namespace.keys().events(ref.partition(), ref.priority()), (commands, at) -> commands.xrange(at,
                Range.create(ref.id().toString(), ref.id().toString()))));
    }
}
