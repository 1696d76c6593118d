package dev.millrace.processor.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisProxy;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.settings.RedisSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RealRedis(own = true)
final class BellTest {
    private final RedisSpace space;
    private final Keyspace keys;
    private final Queue<Integer> heard = new ConcurrentLinkedQueue<>();
    private final Queue<Integer> arrived = new ConcurrentLinkedQueue<>();
    private final AtomicInteger tuned = new AtomicInteger();
    private RedisProxy proxy;
    private Redis redis;
    private Bell bell;

    BellTest(RedisSpace space) {
        this.space = space;
        this.keys = new Keyspace(space.namespace());
    }

    @BeforeEach
    void listen() {
        proxy = RedisProxy.to(space.server().port());
        redis = Redis.connect(new RedisSettings(proxy.uri(), space.namespace(), Duration.ofSeconds(5)), Duration.ofSeconds(5));
        bell = new Bell(redis, Map.of(keys.bell(), partition -> {
            heard.add(partition);
            if (partition == 13) {
                throw new IllegalStateException("thirteen");
            }
        }, keys.arrivals(Keyspace.PROCESSORS), arrived::add), tuned::incrementAndGet);
        bell.start();
        await().until(bell::listening);
    }

    @AfterEach
    void close() {
        bell.close();
        redis.close();
        proxy.close();
    }

    @Test
    void everyRingIsHeardInItsOrder() {
        for (int partition = 0; partition < 50; partition++) {
            assertThat(ring(Integer.toString(partition))).isEqualTo("1");
        }
        await().until(() -> heard.size() == 50);
        assertThat(List.copyOf(heard)).isSorted();
    }

    @Test
    void eachChannelHasAListenerOfItsOwn() {
        space.server().command("PUBLISH", keys.arrivals(Keyspace.PROCESSORS), "5");
        space.server().command("PUBLISH", keys.arrivals(Keyspace.PERSISTER), "6");
        ring("7");
        await().until(() -> heard.contains(7));
        assertThat(heard).containsExactly(7);
        assertThat(arrived).containsExactly(5);
    }

    @Test
    void whatCanNotBeHeardHoldsNothingUp() {
        ring("nonsense");
        ring("13");
        ring("4");
        await().until(() -> heard.contains(4));
        assertThat(heard).containsExactly(13, 4);
    }

    @Test
    void aConnectionThatBreaksIsMadeAgain() {
        for (int round = 0; round < 3; round++) {
            space.server().command("CLIENT", "KILL", "TYPE", "pubsub");
            int partition = round;
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                ring(Integer.toString(partition));
                return heard.contains(partition);
            });
        }
        await().until(() -> ring("99").equals("1"));
        // Who relies on the bell is told each time that it may have missed something.
        assertThat(tuned).hasValueGreaterThanOrEqualTo(4);
    }

    @Test
    void aConnectionThatFallsSilentIsNoticed() {
        proxy.holdAnswers();
        await().atMost(Duration.ofSeconds(20)).until(() -> !bell.listening());
        proxy.releaseAnswers();
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            ring("7");
            return heard.contains(7);
        });
    }

    @Test
    void aClosedBellHearsNothingUntilItIsStartedAgain() {
        bell.close();
        await().until(() -> ring("1").equals("0"));
        bell.start();
        bell.start();
        await().until(() -> ring("2").equals("1"));
        await().until(() -> heard.contains(2));
        assertThat(heard).doesNotContain(1);
    }

    /** Returns how many heard it. */
    private String ring(String message) {
        return String.valueOf(space.server().command("PUBLISH", keys.bell(), message));
    }
}
