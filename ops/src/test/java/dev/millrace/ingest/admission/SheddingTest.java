package dev.millrace.ingest.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.admission.AdmitResult.Accepted;
import dev.millrace.ingest.admission.AdmitResult.MemoryFull;
import dev.millrace.ingest.admission.AdmitResult.QueueFull;
import dev.millrace.ingest.admission.AdmitResult.ScheduleFull;
import dev.millrace.ingest.admission.AdmitResult.Scheduled;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Partitions;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.settings.AdmissionSettings;
import dev.millrace.schema.settings.Durability;
import dev.millrace.schema.settings.RedisSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is refused first as queue and memory fill up. */
@RealRedis
final class SheddingTest {
    private static final int QUEUE_MAX = 20;
    private static final int SCHEDULED_MAX = 10;
    private static final AdmissionSettings SETTINGS = new AdmissionSettings(QUEUE_MAX, 10_000, 50_000, SCHEDULED_MAX, Duration.ofDays(90),
            Duration.ofHours(1), 200_000, 65_536);

    private final RedisSpace space;
    private Redis redis;
    private Namespace namespace;
    private double memory = Double.NaN;
    private Admission admission;

    SheddingTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void open() {
        space.clear();
        RedisSettings settings = new RedisSettings(space.uri(), space.namespace(), Duration.ofSeconds(5));
        redis = Redis.connect(settings, settings.timeout());
        namespace = Namespace.open(redis, new Keyspace(space.namespace()), new Partitions(1));
        admission = new Admission(redis, namespace, SETTINGS, Durability.PRIMARY, new SimpleMeterRegistry(), InstantSource.system(),
                () -> memory);
    }

    @AfterEach
    void close() {
        redis.close();
    }

    @Test
    void asTheQueueFillsLowIsRefusedFirstThenNormalThenAll() {
        assertThat(acceptedUntilFull(Priority.LOW)).isEqualTo(14);
        assertThat(acceptedUntilFull(Priority.NORMAL)).isEqualTo(17 - 14);
        assertThat(acceptedUntilFull(Priority.LOW)).isZero();
        assertThat(acceptedUntilFull(Priority.HIGH)).isEqualTo(QUEUE_MAX - 17);
        for (Priority standing : Priority.values()) {
            assertThat(acceptedUntilFull(standing)).isZero();
        }
    }

    @Test
    void asTheScheduleFillsTheOrderIsTheSame() {
        assertThat(scheduledUntilFull(Priority.LOW)).isEqualTo(7);
        assertThat(scheduledUntilFull(Priority.NORMAL)).isEqualTo(9 - 7);
        assertThat(scheduledUntilFull(Priority.LOW)).isZero();
        assertThat(scheduledUntilFull(Priority.HIGH)).isEqualTo(SCHEDULED_MAX - 9);
        for (Priority standing : Priority.values()) {
            assertThat(scheduledUntilFull(standing)).isZero();
        }
        assertThat(letsInNow(Priority.LOW)).as("what is due at once has its own bound").isTrue();
    }

    @Test
    void manyEventsOfARequestFillUpToTheSameLine() {
        List<Posted> many = IntStream.range(0, QUEUE_MAX).mapToObj(n -> posted("lane-" + n, Priority.NORMAL, Priority.LOW)).toList();

        List<AdmitResult> results = admission.bulk().admit(many);

        assertThat(results.subList(0, 14)).hasOnlyElementsOfType(Accepted.class);
        assertThat(results.subList(14, QUEUE_MAX)).containsOnly(new QueueFull());
    }

    @Test
    void anEventThatCanWaitWaitsWhoeverSendsItAndAnUrgentOneStaysInItsTier() {
        for (int n = 0; n < 14; n++) {
            assertThat(admission.admit(posted("a", Priority.LOW, Priority.HIGH))).isInstanceOf(Accepted.class);
            assertThat(admission.admit(posted("a", Priority.HIGH, Priority.LOW))).isInstanceOf(Accepted.class);
        }
        assertThat(admission.admit(posted("a", Priority.LOW, Priority.HIGH))).isEqualTo(new QueueFull());
        assertThat(admission.admit(posted("a", Priority.HIGH, Priority.LOW))).isEqualTo(new QueueFull());
        assertThat(admission.admit(posted("a", Priority.HIGH, Priority.NORMAL))).isInstanceOf(Accepted.class);
    }

    @ParameterizedTest
    @CsvSource({"NaN, true, true, true", "0.69, true, true, true", "0.7, false, true, true", "0.84, false, true, true",
            "0.85, false, false, true", "0.99, false, false, true", "1, false, false, false", "1.2, false, false, false"})
    void asMemoryFillsTheOrderIsTheSame(double fill, boolean low, boolean normal, boolean high) {
        memory = fill;

        assertThat(letsIn(Priority.LOW)).isEqualTo(low);
        assertThat(letsIn(Priority.NORMAL)).isEqualTo(normal);
        assertThat(letsIn(Priority.HIGH)).isEqualTo(high);
    }

    @Test
    void aLaneThatWasShedTakesNothingMoreOfTheSameRequest() {
        BulkAdmission bulk = admission.bulk();
        memory = 0.9;
        assertThat(bulk.admit(List.of(posted("a", Priority.NORMAL, Priority.NORMAL)))).containsExactly(new MemoryFull());
        memory = 0.1;
        assertThat(bulk.admit(List.of(posted("a", Priority.NORMAL, Priority.NORMAL), posted("b", Priority.NORMAL, Priority.NORMAL))))
                .extracting(Object::getClass).containsExactly(MemoryFull.class, Accepted.class);
    }

    private int acceptedUntilFull(Priority standing) {
        for (int accepted = 0; accepted <= QUEUE_MAX; accepted++) {
            if (admission.admit(posted("a", Priority.NORMAL, standing)) instanceof QueueFull) {
                return accepted;
            }
        }
        throw new AssertionError("never full");
    }

    private int scheduledUntilFull(Priority standing) {
        for (int accepted = 0; accepted <= SCHEDULED_MAX; accepted++) {
            AdmitResult result = admission.admit(new Posted(event("a", Priority.NORMAL), new Due.In(Duration.ofHours(1)), standing));
            if (result instanceof ScheduleFull) {
                return accepted;
            }
            assertThat(result).isInstanceOf(Scheduled.class);
        }
        throw new AssertionError("never full");
    }

    private boolean letsInNow(Priority standing) {
        return admission.admit(posted("a", Priority.NORMAL, standing)) instanceof Accepted;
    }

    private boolean letsIn(Priority standing) {
        AdmitResult appended = admission.admit(posted("a", Priority.NORMAL, standing));
        AdmitResult scheduled = admission.admit(new Posted(event("a", Priority.NORMAL), new Due.In(Duration.ofHours(1)), standing));
        assertThat(scheduled instanceof Scheduled).isEqualTo(appended instanceof Accepted);
        assertThat(appended).isInstanceOfAny(Accepted.class, MemoryFull.class);
        return appended instanceof Accepted;
    }

    private static Posted posted(String lane, Priority priority, Priority client) {
        return new Posted(event(lane, priority), null, client);
    }

    private static Event event(String lane, Priority priority) {
        return new Event(new Lane("acme", lane, priority), "order.paid", "{}", null);
    }
}
