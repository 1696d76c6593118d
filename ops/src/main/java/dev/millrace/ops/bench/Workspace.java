package dev.millrace.ops.bench;

import dev.millrace.ingest.admission.Admission;
import dev.millrace.ingest.admission.AdmitResult;
import dev.millrace.ops.bench.redis.PlainEvent;
import dev.millrace.ops.bench.redis.PlainRedis;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.settings.Setting;
import dev.millrace.schema.settings.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A namespace of one run's own in the Redis that is measured; closing it deletes every key of it. */
final class Workspace implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int BATCH = 500;
    private static final int BATCHES_AT_ONCE = 4;

    /** How often its streams may be filled and drained, though nobody persists what comes of it. */
    static final int FILLS = 3;

    private final Settings settings;
    private final PlainRedis plain;
    private final Redis redis;
    private final Namespace namespace;

    private Workspace(Settings settings, PlainRedis plain, Redis redis, Namespace namespace) {
        this.settings = settings;
        this.plain = plain;
        this.redis = redis;
        this.namespace = namespace;
    }

    /**
     * Opens an empty one.
     *
     * @param settings of the servers and the pipeline
     * @param name of the namespace; nothing else may use it
     * @param events how many events it must have room for
     */
    static Workspace open(Settings settings, PlainRedis plain, String name, int events) {
        Settings own = settings.with(Map.of(Setting.NAMESPACE, name,
                // All may be in one partition, and clients of the usual tier have not all of its room.
                Setting.QUEUE_MAX, atLeast(settings, Setting.QUEUE_MAX, 2 * events),
                Setting.LANE_MAX, atLeast(settings, Setting.LANE_MAX, events),
                Setting.CLIENT_MAX, atLeast(settings, Setting.CLIENT_MAX, events),
                Setting.DEDUPE_MAX, atLeast(settings, Setting.DEDUPE_MAX, events),
                Setting.UNPERSISTED_MAX, atLeast(settings, Setting.UNPERSISTED_MAX, FILLS * events)));
        Redis redis = Redis.connect(own.redis(), TIMEOUT);
        return new Workspace(own, plain, redis, Namespace.open(redis, new Keyspace(name), own.partitions()));
    }

    private static String atLeast(Settings settings, Setting setting, int events) {
        return Integer.toString(Math.max(events, Integer.parseInt(settings.value(setting).orElse("0"))));
    }

    Settings settings() {
        return settings;
    }

    PlainRedis plain() {
        return plain;
    }

    Namespace namespace() {
        return namespace;
    }

    Admission admission() {
        return new Admission(redis, namespace, settings.admission(), new SimpleMeterRegistry(), InstantSource.system());
    }

    /** Streams of events, one a partition. */
    List<String> streams() {
        return partitions().mapToObj(partition -> namespace.keys().events(partition, Priority.NORMAL)).toList();
    }

    /** As many other streams, for plain commands. */
    List<String> plainStreams() {
        return partitions().mapToObj(this::plainStream).toList();
    }

    /** A prefix for other keys of plain commands. */
    String plainPrefix() {
        return namespace.keys().namespace() + ":plain";
    }

    private String plainStream(int partition) {
        return plainPrefix() + ":{" + partition + "}";
    }

    private IntStream partitions() {
        return IntStream.range(0, namespace.partitions().count());
    }

    /** The bytes that admission would append, for the streams of plain commands. */
    List<PlainEvent> plain(List<Event> events) {
        return events.stream()
                .map(event -> new PlainEvent(plainStream(namespace.partitions().of(event.lane().client(), event.lane().name())),
                        EventCodec.encode(event)))
                .toList();
    }

    /** Fills the streams through admission. */
    void fill(Load load) throws InterruptedException {
        append(load.events());
        MismatchException.check("events in the streams", load.events().size(), plain.backlog(streams()));
    }

    /** Appends all events in bulk, several calls at once, and returns how long it took, in nanoseconds. */
    long append(List<Event> events) throws InterruptedException {
        Admission admission = admission();
        int calls = Math.ceilDiv(events.size(), BATCH);
        return Callers.run(BATCHES_AT_ONCE, calls, (_, call) -> {
            List<Event> batch = events.subList(call * BATCH, Math.min(events.size(), (call + 1) * BATCH));
            admission.admit(batch).forEach(Workspace::requireAccepted);
        });
    }

    static void requireAccepted(AdmitResult result) {
        if (!(result instanceof AdmitResult.Accepted)) {
            throw new MismatchException("an event was not accepted: " + result);
        }
    }

    /** Fails unless the streams are empty, and whole board and regions show these scores and nothing else. */
    void checkBoards(Map<String, Long> scores) {
        MismatchException.check("events left in the streams", 0, plain.backlog(streams()));
        requireSame("the board", scores, board(ScoreData.GLOBAL));
        Map<String, Long> byRegion = new HashMap<>();
        Load.REGIONS.forEach(region -> byRegion.putAll(board(region)));
        requireSame("the boards of the regions", scores, byRegion);
    }

    private Map<String, Long> board(String region) {
        return plain.board(namespace.keys().boardRanks(Load.CLIENT, ScoreData.MAIN_BOARD, PlayerState.ALL_TIME, region));
    }

    /** Fails unless both are equal; the message names one player that differs. */
    static void requireSame(String where, Map<String, Long> expected, Map<String, Long> found) {
        MismatchException.check("players on " + where, expected.size(), found.size());
        expected.forEach((player, score) -> {
            if (!score.equals(found.get(player))) {
                throw new MismatchException("the score of " + player + " on " + where + ": " + found.get(player) + " instead of " + score);
            }
        });
    }

    @Override
    public void close() {
        Interruption.undisturbed(() -> {
            redis.close();
            plain.deleteNamespace(namespace.keys().namespace());
        });
    }
}
