package dev.millrace.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.processor.Pipeline.Score;
import dev.millrace.schema.change.ChangeCodec;
import dev.millrace.schema.change.ScoreApplied;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.ScoreOp;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Keyspace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RealRedis(own = true)
final class ProcessorTest {
    private static final Duration SOON = Duration.ofSeconds(15);

    private final RedisSpace space;
    private Pipeline pipeline;

    ProcessorTest(RedisSpace space) {
        this.space = space;
        this.pipeline = open();
    }

    @BeforeEach
    void startEmpty() {
        pipeline.close();
        space.clear();
        pipeline = open();
    }

    @AfterEach
    void stop() {
        pipeline.close();
    }

    private Pipeline open() {
        return new Pipeline(space, Map.of("MILLRACE_PARTITIONS", "16", "MILLRACE_LEASE_TTL", "1s"));
    }

    @Test
    void scoresReachTheBoardAndNothingIsLeftInTheStreams() {
        pipeline.startProcessor();
        pipeline.post(List.of(add("acme", "ada", 5), add("acme", "bob", 7), add("acme", "ada", 4)));
        await().atMost(SOON).untilAsserted(
                () -> assertThat(pipeline.board("acme", "main", "GLOBAL")).containsExactly(Map.entry("ada", 9L), Map.entry("bob", 7L)));
        assertThat(pipeline.backlog()).isZero();
        assertThat(depths()).isEmpty();
    }

    @Test
    void tiesGoToWhoGotThereFirst() {
        pipeline.startProcessor();
        for (Score score : List.of(set("acme", "zoe", 10, "GLOBAL"), set("acme", "amy", 10, "GLOBAL"), set("acme", "ben", 11, "GLOBAL"))) {
            pipeline.post(List.of(score));
            await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        }
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(pipeline.board("acme", "main", "GLOBAL").keySet()).containsExactly("ben", "zoe", "amy"));
        pipeline.post(List.of(set("acme", "ben", 10, "GLOBAL")));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(pipeline.board("acme", "main", "GLOBAL").keySet()).containsExactly("zoe", "amy", "ben"));
    }

    @Test
    void aPlayerWhoMovesLeavesTheOldRegion() {
        pipeline.startProcessor();
        pipeline.post(List.of(set("acme", "ada", 3, "EU")));
        await().atMost(SOON).untilAsserted(() -> assertThat(pipeline.board("acme", "main", "EU")).containsOnlyKeys("ada"));
        pipeline.post(List.of(set("acme", "ada", 4, "ASIA")));
        await().atMost(SOON).untilAsserted(() -> assertThat(pipeline.board("acme", "main", "ASIA")).containsOnlyKeys("ada"));
        assertThat(pipeline.board("acme", "main", "EU")).isEmpty();
        assertThat(pipeline.board("acme", "main", "GLOBAL")).containsExactly(Map.entry("ada", 4L));
    }

    @Test
    void twoClientsWithOneBoardNameNeverMeet() {
        pipeline.startProcessor();
        pipeline.post(List.of(add("a:b", "ada", 1), add("a", "ada", 2)));
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(pipeline.board("a:b", "main", "GLOBAL")).containsExactly(Map.entry("ada", 1L));
            assertThat(pipeline.board("a", "main", "GLOBAL")).containsExactly(Map.entry("ada", 2L));
        });
    }

    @Test
    void shareOfEachMemberIsEvenAndMovesWithItsMembers() {
        Processor first = pipeline.startProcessor();
        await().atMost(SOON).untilAsserted(() -> assertThat(sharesByOwner()).containsExactly(16L));
        pipeline.startProcessor();
        pipeline.startProcessor();
        await().atMost(SOON).untilAsserted(() -> assertThat(sharesByOwner()).containsExactly(5L, 5L, 6L));
        long before = System.nanoTime();
        first.stop(Duration.ofSeconds(5));
        await().atMost(SOON).pollInterval(Duration.ofMillis(20)).untilAsserted(() -> assertThat(sharesByOwner()).containsExactly(8L, 8L));
        assertThat(Duration.ofNanos(System.nanoTime() - before)).as("handed over, not waited for the lease")
                .isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aReadWhoseReplyWasLostIsMadeUpForInOrder() {
        pipeline.startProcessor();
        pipeline.post(List.of(add("acme", "ada", 1)));
        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        int partition = pipeline.namespace.partitions().of("acme", "ada");
        String stream = pipeline.keys.events(partition, Priority.NORMAL);
        // Another reader of the same name takes an entry and never says so: what a lost reply looks like to the owner.
        List<Score> scores = List.of(set("acme", "ada", 10, "GLOBAL"), set("acme", "ada", 11, "GLOBAL"));
        pipeline.post(scores.subList(0, 1));
        space.server().command("XREADGROUP", "GROUP", Keyspace.PROCESSORS, Keyspace.CONSUMER, "COUNT", "1", "STREAMS", stream, ">");
        pipeline.post(scores.subList(1, 2));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(pipeline.board("acme", "main", "GLOBAL")).containsExactly(Map.entry("ada", 11L)));
        assertThat(pipeline.backlog()).isZero();
    }

    @Test
    void flushedScriptsAndALostGroupHealByThemselves() {
        pipeline.startProcessor();
        pipeline.post(List.of(add("acme", "ada", 1)));
        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        space.server().command("SCRIPT", "FLUSH");
        int partition = pipeline.namespace.partitions().of("acme", "ada");
        space.server().command("XGROUP", "DESTROY", pipeline.keys.events(partition, Priority.NORMAL), Keyspace.PROCESSORS);
        pipeline.post(List.of(add("acme", "ada", 2)));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(pipeline.board("acme", "main", "GLOBAL")).containsExactly(Map.entry("ada", 3L)));
    }

    @Test
    void aRestartedRedisIsWaitedFor(EmbeddedRedis server) {
        pipeline.startProcessor();
        pipeline.post(List.of(add("acme", "ada", 1)));
        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        server.restart();
        await().atMost(SOON).ignoreExceptions().until(() -> !pipeline.post(List.of(add("acme", "ada", 2))).isEmpty());
        await().atMost(SOON).ignoreExceptions()
                .untilAsserted(() -> assertThat(pipeline.board("acme", "main", "GLOBAL")).containsExactly(Map.entry("ada", 3L)));
    }

    @Test
    void whatCannotBeAppliedIsADeadLetterAndHoldsNobodyBack() {
        pipeline.startProcessor();
        pipeline.post(List.of(set("acme", "ada", ScoreData.MAX_SCORE, "GLOBAL"), add("acme", "ada", 1), add("acme", "ada", -1)));
        await().atMost(SOON).untilAsserted(
                () -> assertThat(pipeline.board("acme", "main", "GLOBAL")).containsExactly(Map.entry("ada", ScoreData.MAX_SCORE - 1)));
        int partition = pipeline.namespace.partitions().of("acme", "ada");
        assertThat(space.server().command("XLEN", pipeline.keys.dead(partition))).isEqualTo("1");
        assertThat(space.server().command("HLEN", pipeline.keys.deadIndex(partition))).isEqualTo("1");
        assertThat(pipeline.backlog()).isZero();
        assertThat(depths()).isEmpty();
    }

    @Test
    void thousandsOfEventsUnderComingAndGoingProcessorsEqualThePlainModel() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<String, Long> model = new HashMap<>();
        Map<String, List<Long>> amounts = new HashMap<>();
        List<Processor> running = new ArrayList<>(List.of(pipeline.startProcessor(), pipeline.startProcessor()));
        for (int round = 0; round < 20; round++) {
            List<Score> scores = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                String player = "p" + random.nextInt(200);
                long amount = random.nextInt(1, 1_000);
                scores.add(add("acme", player, amount));
                model.merge(player, amount, Long::sum);
                amounts.computeIfAbsent(player, ignored -> new ArrayList<>()).add(amount);
            }
            pipeline.post(scores);
            if (round % 4 == 1) {
                running.add(pipeline.startProcessor());
            } else if (round % 4 == 3) {
                running.remove(0).stop(Duration.ofSeconds(5));
            }
        }
        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        await().atMost(SOON).untilAsserted(() -> assertThat(pipeline.board("acme", "main", "GLOBAL")).as("seed %s", seed).isEqualTo(model));
        assertThat(appliedInOrder()).as("seed %s", seed).isEqualTo(amounts);
        List<Long> ranked = new ArrayList<>(pipeline.board("acme", "main", "GLOBAL").values());
        assertThat(ranked).isSortedAccordingTo(Collections.reverseOrder());
    }

    private Map<String, List<Long>> appliedInOrder() throws Exception {
        Map<String, List<Long>> amounts = new HashMap<>();
        Map<String, StreamId> last = new HashMap<>();
        for (int partition = 0; partition < pipeline.namespace.partitions().count(); partition++) {
            for (Map<String, byte[]> fields : pipeline.changes(partition)) {
                for (ScoreApplied applied : ChangeCodec.decode(fields).applied()) {
                    String player = applied.key().player();
                    @Nullable StreamId before = last.put(player, applied.id());
                    assertThat(before == null || before.compareTo(applied.id()) < 0).isTrue();
                    amounts.computeIfAbsent(player, ignored -> new ArrayList<>()).add(applied.amount());
                }
            }
        }
        return amounts;
    }

    private List<Long> sharesByOwner() {
        return pipeline.owners().values().stream().collect(Collectors.groupingBy(owner -> owner, Collectors.counting())).values().stream()
                .sorted()
                .toList();
    }

    private Map<String, byte[]> depths() {
        Map<String, byte[]> left = new HashMap<>();
        for (int partition = 0; partition < pipeline.namespace.partitions().count(); partition++) {
            left.putAll(pipeline.redis.hgetall(pipeline.keys.depth(partition)));
        }
        left.remove(Keyspace.DEPTH_UNPERSISTED);
        return left;
    }

    private static Score add(String client, String player, long amount) {
        return new Score(client, ScoreOp.ADD, new ScoreData(player, amount, "main", "GLOBAL", null));
    }

    private static Score set(String client, String player, long score, String region) {
        return new Score(client, ScoreOp.SET, new ScoreData(player, score, "main", region, null));
    }
}
