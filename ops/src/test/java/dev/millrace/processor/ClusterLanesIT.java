package dev.millrace.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.RedisCluster;
import dev.millrace.ops.testkit.RedisServer;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.processor.effect.Outcome;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.settings.Policy;
import dev.millrace.schema.settings.Policy.AfterDead;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Lanes of outside work in partitions on several servers, which are moved meanwhile: tries, retries and dead letters are where they belong. */
@Tag("topology")
final class ClusterLanesIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Policy QUICK = new Policy(3, 2, Duration.ofSeconds(10), 16, SHORT, SHORT, AfterDead.CONTINUE, List.of());
    private static final int LANES = 100;
    private static final int EVENTS = 5;

    private RedisCluster cluster;
    private Pipeline pipeline;

    @BeforeEach
    void start() {
        cluster = RedisCluster.start(3, false);
        pipeline = new Pipeline(new RedisSpace(new Whole(cluster), "lanes"), Map.of());
    }

    @AfterEach
    void stop() {
        pipeline.close();
        cluster.close();
    }

    @Test
    void lanesKeepTheirOrderThroughRetriesAndDeadLettersWhilePartitionsMove() {
        Recorder jobs = new Recorder("job.do", QUICK, context -> switch (context.event().data()) {
            case "1" -> context.attempt() == 1 ? Outcome.retry("not yet") : Outcome.done();
            case "3" -> throw new IllegalStateException("never");
            default -> Outcome.done();
        });
        List<Event> events = new ArrayList<>();
        for (int event = 0; event < EVENTS; event++) {
            for (int lane = 0; lane < LANES; lane++) {
                events.add(new Event(new Lane("acme", "lane-" + lane, Priority.NORMAL), "job.do", Integer.toString(event), null));
            }
        }
        pipeline.startProcessor(List.of(jobs));
        pipeline.append(events);
        List<EmbeddedRedis> masters = cluster.masters();
        for (int partition = 0; partition < 16; partition++) {
            String place = pipeline.keys.lease(partition, Keyspace.PROCESSORS);
            EmbeddedRedis from = cluster.masterOf(place);
            cluster.migrate(place, from, masters.get((masters.indexOf(from) + 1) % masters.size()));
        }

        await().atMost(SOON).ignoreExceptions().until(() -> pipeline.backlog() == 0);
        for (int lane = 0; lane < LANES; lane++) {
            // A try whose end could not be written is an interruption, and the same event is tried again: never another before it.
            assertThat(jobs.of("lane-" + lane).stream().map(Integer::valueOf)).isSorted()
                    .containsAll(IntStream.range(0, EVENTS).boxed().toList());
        }
        long dead = IntStream.range(0, pipeline.namespace.partitions().count()).mapToLong(partition -> pipeline.dead(partition).size())
                .sum();
        assertThat(dead).isEqualTo(LANES);
    }

    /** A Cluster as the one Redis that a test asks for: single commands go to its first node. */
    private record Whole(RedisCluster cluster) implements RedisServer {
        @Override
        public int port() {
            return cluster.nodes().getFirst().port();
        }

        @Override
        public String command(String... words) {
            return String.valueOf(cluster.nodes().getFirst().command(words));
        }

        @Override
        public String uri() {
            return cluster.uri();
        }

        @Override
        public void close() {
            cluster.close();
        }
    }
}
