package dev.millrace.ingest.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.limit.Traffic.Reason;
import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.settings.Settings;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RealRedis(own = true)
final class TrafficTest {
    private final RedisSpace space;
    private final EmbeddedRedis server;
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private Redis redis;
    private Usages usages;
    private Refusals refusals;

    TrafficTest(RedisSpace space, EmbeddedRedis server) {
        this.space = space;
        this.server = server;
    }

    @BeforeEach
    void connect() {
        space.clear();
        redis = Redis.connect(Settings.read(Map.of("REDIS_URL", space.uri())).redis(), Duration.ofSeconds(2));
        usages = new Usages(redis, new Keyspace(space.namespace()));
        refusals = new Refusals(redis, new Keyspace(space.namespace()));
        // Not in the past, or what is written would be forgotten at once.
        now.set(Instant.now().plus(Duration.ofHours(2)).truncatedTo(ChronoUnit.HOURS));
    }

    @AfterEach
    void close() {
        redis.close();
    }

    @Test
    void severalProcessesAddUp() {
        Traffic one = traffic();
        Traffic other = traffic();
        Instant minute = now.get();
        one.answered("acme", "post-score", 202);
        one.answered("acme", "post-score", 429);
        one.answered("acme", "board-top", 200);
        one.answered("zeta", "post-score", 503);
        one.runOnce();
        other.answered("acme", "post-score", 422);
        other.answered("acme", "post-score", 202);
        now.set(minute.plusSeconds(61));
        other.answered("acme", "post-score", 202);
        other.runOnce();
        other.runOnce();

        assertThat(page(null, null, 10).items()).containsExactly(
                new Usage(minute.plusSeconds(60), "acme", "post-score", 1, 0, 0, 0), new Usage(minute, "acme", "board-top", 1, 0, 0, 0),
                new Usage(minute, "acme", "post-score", 4, 1, 1, 0), new Usage(minute, "zeta", "post-score", 1, 0, 0, 1));
        assertThat(page("zeta", null, 10).items()).extracting(Usage::client).containsExactly("zeta");
        assertThat(page("nobody", null, 10).items()).isEmpty();
    }

    @Test
    void pagesFollowOnEachOther() {
        Traffic traffic = traffic();
        for (String client : List.of("acme", "beta", "zeta")) {
            for (String route : List.of("board-top", "get-event", "post-score")) {
                traffic.answered(client, route, 200);
            }
        }
        traffic.runOnce();

        List<String> seen = new ArrayList<>();
        UsagePage page = page(null, null, 2);
        while (page.next() != null) {
            assertThat(page.items()).hasSize(2);
            page.items().forEach(usage -> seen.add(usage.client() + ' ' + usage.route()));
            page = page(null, UsagePage.place(page.next()).orElseThrow(), 2);
        }
        page.items().forEach(usage -> seen.add(usage.client() + ' ' + usage.route()));

        assertThat(seen).isSorted().doesNotHaveDuplicates().hasSize(9);
    }

    @Test
    void whatIsTooLongAgoIsForgotten() {
        Traffic traffic = traffic();
        traffic.answered("acme", "post-score", 202);
        traffic.runOnce();
        Keyspace keys = new Keyspace(space.namespace());
        long expires = Long
                .parseLong(String.valueOf(server.command("PEXPIRETIME", keys.usage("acme", now.get().toEpochMilli() / 3_600_000))));

        assertThat(Instant.ofEpochMilli(expires)).isEqualTo(now.get().plus(Duration.ofHours(25)));
        assertThat(usages.page("acme", now.get().plusSeconds(60), now.get().plusSeconds(600), null, 10).items()).isEmpty();
    }

    @Test
    void refusalsAreKeptByClientAndOfAllTheLatestFirst() {
        Traffic traffic = traffic();
        Reason acme = new Reason("default", "acme", null, "192.0.2.1", "post-score");
        traffic.refused(acme, 1);
        traffic.refused(acme, 1);
        traffic.runOnce();
        now.set(now.get().plusSeconds(1));
        traffic.refused(new Reason("address", null, null, "192.0.2.9", "board-top"), 1);
        traffic.runOnce();
        traffic.runOnce();

        assertThat(refusals.latest(null, 10)).containsExactly(
                new Refusal(now.get(), "address", null, null, "192.0.2.9", "board-top", 1),
                new Refusal(now.get().minusSeconds(1), "default", "acme", null, "192.0.2.1", "post-score", 2));
        assertThat(refusals.latest(null, 1)).extracting(Refusal::why).containsExactly("address");
        assertThat(refusals.latest("acme", 10)).extracting(Refusal::count).containsExactly(2L);
        assertThat(refusals.latest("other", 10)).isEmpty();
    }

    @Test
    void noMoreRefusalsAreKeptThanSaid() {
        Traffic traffic = traffic();
        for (int i = 0; i < Refusals.KEPT + 700; i++) {
            traffic.refused(new Reason("address", null, null, "192.0.2." + i, "board-top"), 1);
        }
        traffic.runOnce();

        assertThat(refusals.latest(null, 10_000)).hasSize(Refusals.KEPT);
    }

    @Test
    void countsThatRedisDidNotTakeAreKept() {
        Traffic traffic = traffic();
        traffic.answered("acme", "post-score", 202);
        server.kill();
        await().until(() -> !redis.available());
        traffic.runOnce();
        traffic.answered("acme", "post-score", 202);
        server.restart();
        await().atMost(Duration.ofSeconds(30)).until(redis::available);
        traffic.runOnce();

        assertThat(page("acme", null, 10).items()).extracting(Usage::requests).containsExactly(2L);
    }

    @Test
    void theLoopWritesAndClosingWritesTheRest() {
        Traffic traffic = traffic();
        traffic.start();
        traffic.answered("acme", "post-score", 202);
        await().atMost(Duration.ofSeconds(20)).until(() -> page("acme", null, 10).items().size() == 1);
        traffic.answered("acme", "get-event", 200);
        traffic.close();

        assertThat(page("acme", null, 10).items()).extracting(Usage::route).containsExactly("get-event", "post-score");
    }

    private Traffic traffic() {
        return new Traffic(usages, refusals, now::get);
    }

    private UsagePage page(String client, Usage after, int limit) {
        return usages.page(client, now.get().minus(Duration.ofMinutes(30)), now.get().plus(Duration.ofMinutes(5)), after, limit);
    }
}
