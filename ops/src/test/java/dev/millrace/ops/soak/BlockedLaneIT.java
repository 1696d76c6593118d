package dev.millrace.ops.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.endtoend.Installation;
import dev.millrace.ops.testkit.RoleProcess;
import dev.millrace.ops.testkit.TestFolders;
import dev.millrace.ops.testkit.workload.HttpDoor;
import dev.millrace.processor.effect.EffectHandler;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.redis.Keyspace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * {@code ./millrace soak --suite blocked-lane}: the head of one lane keeps failing for ten minutes while a million events are offered to that
 * lane. It costs nobody else anything: what is let in is bounded, nothing grows, and other lanes are as quick as before, when the same was
 * offered to the same lane and it moved.
 */
@Tag("blocked-lane")
final class BlockedLaneIT {
    private static final Duration BLOCKED = Duration.ofMinutes(Integer.getInteger("millrace.minutes", 10));
    /** As long as a tenth of that, in which caches fill and code is compiled; then as long again, to measure by. */
    private static final Duration BEFORE = BLOCKED.dividedBy(10).compareTo(Duration.ofSeconds(20)) < 0 ? Duration.ofSeconds(20)
            : BLOCKED.dividedBy(10);
    /** A million in ten minutes. */
    private static final int OFFERED_PER_SECOND = 1_700;
    private static final int OTHERS_PER_SECOND = 1_000;
    private static final int LANE_MAX = 5_000;
    private static final double SLOWER = 1.2;
    private static final long MEBI = 1 << 20;
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final Lane LANE = new Lane("blocked", "stuck", Priority.NORMAL);
    private static final List<String> MEMORIES = List.of("processor", "ingest-api", "Redis");

    private final Path gate = TestFolders.fresh("gate");
    private final Path notes = TestFolders.fresh("notes");
    private Servers servers;
    private Installation installation;
    private RoleProcess processor;
    private RoleProcess api;

    @BeforeEach
    void start() throws IOException {
        Path types = Files.createDirectories(TestFolders.fresh("types"));
        Files.writeString(types.resolve(GatedHandler.TYPE + ".json"), "{\"type\":\"integer\"}");
        servers = Servers.start();
        installation = new Installation(servers.redis().uri(), servers.postgres().url(), servers.postgres().jdbcUrl(),
                Map.of("MILLRACE_LANE_MAX", Integer.toString(LANE_MAX), "MILLRACE_TYPES", types.toString()));
        Path services = TestFolders.fresh("services");
        Path named = services.resolve("META-INF/services").resolve(EffectHandler.class.getName());
        Files.createDirectories(named.getParent());
        Files.writeString(named, GatedHandler.class.getName() + "\n");
        Map<String, String> files = Map.of(GatedHandler.GATE, gate.toString(), GatedHandler.NOTES, notes.toString());
        processor = installation.launch(Installation.PROCESSOR, files, List.of(services));
        api = installation.launch(Installation.INGEST_API);
        RoleProcess persister = installation.launch(Installation.PERSISTER);
        List.of(processor, api, persister).forEach(RoleProcess::awaitReady);
    }

    @AfterEach
    void stop() throws Exception {
        if (installation != null) {
            installation.close();
        }
        if (servers != null) {
            servers.close();
        }
    }

    @Test
    void aBlockedLaneCostsNobodyElseAnything() throws Exception {
        String key = HttpDoor.createClient(api.api(), Installation.ADMIN_KEY, LANE.client());
        Footprint footprint = new Footprint().with("depth", this::depth).with("processor", processor::residentBytes)
                .with("ingest-api", api::residentBytes).with("Redis", this::redisMemory);
        Histogram before;
        Histogram blocked;
        long offeredBefore;
        Offers offers;
        Files.createFile(gate);
        try (Others others = Others.start(installation, "others", OTHERS_PER_SECOND);
                Offers offering = Offers.start(api.port(), key, installation.namespace.eventIds(), LANE.client(), LANE.name(),
                        OFFERED_PER_SECOND)) {
            offers = offering;
            pass(BEFORE, () -> {});
            others.take();
            pass(BEFORE, () -> {});
            before = others.take();
            offeredBefore = offering.offered();
            Files.delete(gate);
            await().atMost(SOON).until(() -> depth() >= LANE_MAX);
            others.take();
            pass(BLOCKED, footprint::sample);
            blocked = others.take();
        }
        long offered = offers.offered() - offeredBefore;
        System.out.printf("blocked for %s: %,d events offered to the lane, %,d of all accepted, %,d refused; others p50 %.1f → %.1f ms, "
                + "p99 %.1f → %.1f ms; highest: %,d events in the lane, processor %d MiB, ingest-api %d MiB, Redis %d MiB%n", BLOCKED,
                offered,
                offers.accepted().size(), offers.refused(), millis(before, 50), millis(blocked, 50), millis(before, 99),
                millis(blocked, 99),
                footprint.highest("depth"), footprint.highest("processor") / MEBI, footprint.highest("ingest-api") / MEBI,
                footprint.highest("Redis") / MEBI);

        Files.createFile(gate);
        await().atMost(SOON).pollInterval(Duration.ofMillis(200)).until(() -> depth() == 0);
        assertThat(Files.readAllLines(notes).stream().map(Long::valueOf).toList()).as("in the order of acceptance")
                .isEqualTo(offers.accepted());
        assertThat(footprint.highest("depth")).isLessThanOrEqualTo(LANE_MAX);
        for (String memory : MEMORIES) {
            assertThat(footprint.highest(memory, 2, 3)).as("bytes of %s in the last third, after those of the second", memory)
                    .isLessThan(footprint.highest(memory, 1, 2) * 11 / 10 + 16 * MEBI);
        }
        assertThat(offered).isGreaterThan(BLOCKED.toSeconds() * OFFERED_PER_SECOND * 9 / 10);
        assertThat(millis(blocked, 99)).as("p99 of other lanes in ms, %.1f before", millis(before, 99))
                .isLessThanOrEqualTo(SLOWER * millis(before, 99));
    }

    private static double millis(Histogram micros, double percentile) {
        return micros.getValueAtPercentile(percentile) / 1_000.0;
    }

    /** Lets time pass, and does something every second meanwhile. */
    private static void pass(Duration time, Runnable everySecond) {
        long end = System.nanoTime() + time.toNanos();
        await().atMost(time.plus(SOON)).pollInterval(Duration.ofSeconds(1)).until(() -> {
            everySecond.run();
            return System.nanoTime() - end >= 0;
        });
    }

    private long depth() {
        int partition = installation.namespace.partitions().of(LANE.client(), LANE.name());
        byte[] depth = installation.redis.await(installation.redis.command(installation.namespace.keys().depth(partition),
                (commands, at) -> commands.hget(at, Keyspace.laneDepth(LANE))));
        return depth == null ? 0 : Long.parseLong(new String(depth, StandardCharsets.US_ASCII));
    }

    private long redisMemory() {
        return Long.parseLong(String.valueOf(servers.redis().command("INFO", "memory")).lines()
                .filter(line -> line.startsWith("used_memory:")).findFirst().orElseThrow().replaceAll("\\D", ""));
    }
}
