package dev.millrace.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.processor.Recorder.Seen;
import dev.millrace.processor.effect.Outcome;
import dev.millrace.schema.change.DeadLetter;
import dev.millrace.schema.change.DeadLetter.FailedAttempt;
import dev.millrace.schema.change.Tries;
import dev.millrace.schema.change.Tries.State;
import dev.millrace.schema.change.TriesCodec;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.ScoreOp;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.settings.Policy;
import dev.millrace.schema.settings.Policy.AfterDead;
import io.lettuce.core.Consumer;
import io.lettuce.core.XClaimArgs;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Events whose handlers do outside work: one of a lane at a time, whatever becomes of it, and lanes that do not mind each other. */
@RealRedis
final class EffectLanesTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Policy QUICK = new Policy(3, 2, Duration.ofSeconds(10), 16, SHORT, SHORT, AfterDead.CONTINUE, List.of());

    private final RedisSpace space;
    private final CountDownLatch gate = new CountDownLatch(1);
    private Pipeline pipeline;

    EffectLanesTest(RedisSpace space) {
        this.space = space;
        space.clear();
        this.pipeline = open(Map.of());
    }

    @BeforeEach
    void startEmpty() {
        restart(Map.of());
    }

    @AfterEach
    void stop() {
        gate.countDown();
        pipeline.close();
    }

    @Test
    void eventsOfALaneComeOneAfterAnotherAndLanesSideBySide() {
        Recorder jobs = new Recorder("job.do", QUICK, context -> {
            if (context.event().lane().name().startsWith("slow") && context.event().data().equals("0")) {
                gate.await();
            }
            return Outcome.done();
        });
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            for (String lane : List.of("slow-1", "slow-2", "a", "b", "c")) {
                events.add(job(lane, i));
            }
        }
        pipeline.append(events);
        pipeline.startProcessor(List.of(jobs));

        for (String lane : List.of("a", "b", "c")) {
            await().atMost(SOON).untilAsserted(() -> assertThat(jobs.of(lane)).isEqualTo(upTo(50)));
        }
        assertThat(jobs.of("slow-1")).containsExactly("0");
        gate.countDown();
        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        assertThat(jobs.of("slow-1")).isEqualTo(upTo(50));
        assertThat(jobs.of("slow-2")).isEqualTo(upTo(50));
        assertThat(jobs.seen()).hasSize(250).allMatch(seen -> seen.attempt() == 1);
        assertThat(depthFields()).isEmpty();
    }

    @Test
    void atMostAsManyTriesAsThePolicySaysAreUnderWay() {
        Recorder jobs = new Recorder("job.do", new Policy(3, 2, Duration.ofSeconds(10), 4, SHORT, SHORT, AfterDead.CONTINUE, List.of()),
                context -> {
                    gate.await(50, TimeUnit.MILLISECONDS);
                    return Outcome.done();
                });
        pipeline.append(IntStream.range(0, 60).mapToObj(i -> job("lane-" + i, i)).toList());
        pipeline.startProcessor(List.of(jobs));

        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        assertThat(jobs.most()).isEqualTo(4);
        assertThat(jobs.seen()).hasSize(60);
    }

    @Test
    void aFailedEventIsTriedAgainBeforeWhatFollowsItAndHoldsBackItsOwnLaneOnly() {
        Recorder jobs = new Recorder("job.do", QUICK,
                context -> context.event().data().equals("1") && context.event().lane().name().equals("bad") && context.attempt() < 3
                        ? Outcome.retry("not yet")
                        : Outcome.done());
        pipeline.append(List.of(job("bad", 0), job("bad", 1), job("good", 0), job("bad", 2), job("good", 1)));
        pipeline.startProcessor(List.of(jobs));

        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        assertThat(jobs.of("bad")).containsExactly("0", "1", "1", "1", "2");
        assertThat(jobs.seen().stream().filter(seen -> seen.lane().equals("bad") && seen.data().equals("1")).map(Seen::attempt))
                .containsExactly(1, 2, 3);
        assertThat(jobs.seen().stream().map(Seen::eventId).distinct()).hasSize(5);
        assertThat(tries(lane("bad"))).isEmpty();
        assertThat(pipeline.dead(pipeline.partition(lane("bad")))).isEmpty();
    }

    @Test
    void afterTheLastTryAnEventIsADeadLetterWithItsHistoryAndTheLaneGoesOn() {
        Recorder jobs = new Recorder("job.do", QUICK, context -> {
            if (context.event().data().equals("1")) {
                throw new IllegalStateException("no\nway " + context.attempt());
            }
            return Outcome.done();
        });
        List<StreamId> ids = pipeline.append(List.of(job("bad", 0), job("bad", 1), job("bad", 2)));
        pipeline.startProcessor(List.of(jobs));

        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        assertThat(jobs.of("bad")).containsExactly("0", "1", "1", "1", "2");
        DeadLetter letter = pipeline.dead(pipeline.partition(lane("bad"))).getFirst();
        assertThat(letter.id()).isEqualTo(ids.get(1));
        assertThat(letter.attempts()).isEqualTo(3);
        assertThat(letter.reason()).isEqualTo("gave up after 3 failures: java.lang.IllegalStateException: no way 3");
        assertThat(letter.errors().stream().map(FailedAttempt::error)).containsExactly("java.lang.IllegalStateException: no way 1",
                "java.lang.IllegalStateException: no way 2", "java.lang.IllegalStateException: no way 3");
        assertThat(tries(lane("bad"))).isEmpty();
    }

    @Test
    void whatWillNeverWorkIsGivenUpAtOnce() {
        Policy policy = new Policy(3, 2, Duration.ofSeconds(10), 16, SHORT, SHORT, AfterDead.CONTINUE,
                List.of("java.lang.IllegalArgumentException"));
        Recorder jobs = new Recorder("job.do", policy, context -> switch (context.event().data()) {
            case "0" -> Outcome.dead("nobody there");
            case "1" -> throw new NumberFormatException("not a number");
            default -> Outcome.done();
        });
        pipeline.append(List.of(job("bad", 0), job("bad", 1), job("bad", 2)));
        pipeline.startProcessor(List.of(jobs));

        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        assertThat(jobs.of("bad")).containsExactly("0", "1", "2");
        assertThat(pipeline.dead(pipeline.partition(lane("bad"))).stream().map(DeadLetter::reason)).containsExactly("nobody there",
                "java.lang.NumberFormatException: not a number");
    }

    @Test
    void aDeadLetterHoldsItsLaneWhereThePolicySaysSo() {
        Policy policy = new Policy(1, 2, Duration.ofSeconds(10), 16, SHORT, SHORT, AfterDead.BLOCK, List.of());
        Recorder jobs = new Recorder("job.do", policy,
                context -> context.event().lane().name().equals("bad") && gate.getCount() > 0 ? Outcome.retry("no") : Outcome.done());
        pipeline.append(List.of(job("bad", 0), job("bad", 1)));
        pipeline.startProcessor(List.of(jobs));

        int partition = pipeline.partition(lane("bad"));
        await().atMost(SOON).until(() -> pipeline.dead(partition).size() == 1);
        await().atMost(SOON).untilAsserted(() -> assertThat(tries(lane("bad")).map(Tries::state)).contains(State.BLOCKED));
        pipeline.append(List.of(job("good", 0)));
        await().atMost(SOON).until(() -> jobs.of("good").size() == 1);
        assertThat(jobs.of("bad")).containsExactly("0");

        gate.countDown();
        pipeline.redis.await(pipeline.redis.command(pipeline.keys.tries(partition),
                (commands, at) -> commands.hdel(at, Keyspace.laneField(lane("bad")))));
        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        assertThat(jobs.of("bad")).containsExactly("0", "0", "1");
    }

    @Test
    void aTryEndsAtItsDeadline() {
        Policy policy = new Policy(1, 2, Duration.ofMillis(100), 16, SHORT, SHORT, AfterDead.CONTINUE, List.of());
        Recorder jobs = new Recorder("job.do", policy, context -> {
            if (context.event().data().equals("0")) {
                gate.await();
            }
            return Outcome.done();
        });
        pipeline.append(List.of(job("bad", 0), job("bad", 1)));
        pipeline.startProcessor(List.of(jobs));

        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        assertThat(pipeline.dead(pipeline.partition(lane("bad"))).getFirst().reason()).endsWith("not done within 100 ms");
        assertThat(jobs.of("bad")).containsExactly("0", "1");
    }

    @Test
    void aRetryAfterIsWaitedFor() {
        List<Instant> begun = new ArrayList<>();
        Recorder jobs = new Recorder("job.do", QUICK, context -> {
            begun.add(Instant.now());
            return context.attempt() == 1 ? Outcome.retryAfter(Duration.ofMillis(700), "busy") : Outcome.done();
        });
        pipeline.append(List.of(job("bad", 0)));
        pipeline.startProcessor(List.of(jobs));

        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        assertThat(Duration.between(begun.get(0), begun.get(1))).isBetween(Duration.ofMillis(690), Duration.ofSeconds(5));
    }

    @Test
    void scoresAndJobsOfOneLaneKeepTheirOrder() {
        Recorder jobs = new Recorder("job.do", QUICK, context -> {
            long score = pipeline.board("acme", "main", "GLOBAL").getOrDefault("ada", 0L);
            return Outcome.dead("saw " + score);
        });
        List<Event> events = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            events.add(score("ada", 1));
            events.add(score("ada", 1));
            events.add(job("ada", i));
        }
        pipeline.append(events);
        pipeline.startProcessor(List.of(jobs));

        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        assertThat(pipeline.dead(pipeline.partition(lane("ada"))).stream().map(DeadLetter::reason)).containsExactly("saw 2", "saw 4",
                "saw 6", "saw 8", "saw 10");
    }

    @Test
    void anEventThatNobodyHandlesIsADeadLetter() {
        pipeline.append(List.of(new Event(lane("x"), "job.unknown", "{}", null)));
        pipeline.startProcessor(List.of());

        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        assertThat(pipeline.dead(pipeline.partition(lane("x"))).getFirst().reason()).isEqualTo("no handler for events of type job.unknown");
    }

    @Test
    void anEventThatWasUnderWayInACrashIsTriedAloneAndHeldInnocent() {
        Recorder jobs = new Recorder("job.do", QUICK, context -> {
            gate.await(20, TimeUnit.MILLISECONDS);
            return Outcome.done();
        });
        leaveBegun(List.of(job("a", 0), job("b", 0), job("c", 0)));
        pipeline.startProcessor(List.of(jobs));

        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        assertThat(jobs.most()).isEqualTo(1);
        assertThat(jobs.seen()).extracting(Seen::attempt).containsOnly(2);
        for (String lane : List.of("a", "b", "c")) {
            assertThat(pipeline.dead(pipeline.partition(lane(lane)))).isEmpty();
            assertThat(tries(lane(lane))).isEmpty();
        }
    }

    @Test
    void anEventThatEndsItsProcessAgainAndAgainWhileAloneIsADeadLetter() {
        Recorder jobs = new Recorder("job.do", QUICK, context -> Outcome.done());
        StreamId id = leaveBegun(List.of(job("bad", 0))).getFirst();
        pipeline.append(List.of(job("bad", 1)));
        Tries culprit = new Tries(id, 0, 1, 0, State.ALONE, Instant.now(), List.of());
        pipeline.redis
                .await(pipeline.redis.command(pipeline.keys.tries(pipeline.partition(lane("bad"))), (commands, at) -> commands.hset(at,
                        Keyspace.laneField(lane("bad")), TriesCodec.encode(culprit).getBytes(StandardCharsets.UTF_8))));
        pipeline.redis.await(pipeline.redis.command(pipeline.keys.events(pipeline.partition(lane("bad")), Priority.NORMAL),
                (commands, at) -> commands.xclaim(at, Consumer.from(Keyspace.PROCESSORS, Keyspace.CONSUMER),
                        XClaimArgs.Builder.minIdleTime(0).retryCount(3), id.toString())));
        pipeline.startProcessor(List.of(jobs));

        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        assertThat(jobs.of("bad")).containsExactly("1");
        assertThat(pipeline.dead(pipeline.partition(lane("bad"))).getFirst().reason()).isEqualTo("its handler ended the process 2 times");
    }

    @Test
    void aTryGoesOnWhileItsProcessClaimsThePartitionAgain() {
        Recorder jobs = new Recorder("job.do", QUICK, context -> {
            gate.await();
            return Outcome.done();
        });
        pipeline.append(List.of(job("a", 0)));
        pipeline.startProcessor(List.of(jobs));
        await().atMost(SOON).until(() -> jobs.seen().size() == 1);
        int partition = pipeline.partition(lane("a"));
        byte[] epoch = pipeline.redis.hgetall(pipeline.keys.lease(partition, Keyspace.PROCESSORS)).get("epoch");
        space.server().command("XGROUP", "DESTROY", pipeline.keys.events(partition, Priority.NORMAL), Keyspace.PROCESSORS);
        pipeline.append(List.of(job("a", 1)));
        await().atMost(SOON).untilAsserted(
                () -> assertThat(pipeline.redis.hgetall(pipeline.keys.lease(partition, Keyspace.PROCESSORS)).get("epoch"))
                        .isNotEqualTo(epoch));
        gate.countDown();

        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        assertThat(jobs.of("a")).containsExactly("0", "1");
    }

    @Test
    void whatNoPendingListKnowsAnyMoreIsWorkedAllTheSame() {
        Recorder jobs = new Recorder("job.do", QUICK, context -> {
            gate.await();
            return Outcome.done();
        });
        pipeline.append(IntStream.range(0, 5).mapToObj(i -> job("a", i)).toList());
        pipeline.startProcessor(List.of(jobs));
        await().atMost(SOON).until(() -> jobs.seen().size() == 1);
        space.server().command("XGROUP", "DELCONSUMER", pipeline.keys.events(pipeline.partition(lane("a")), Priority.NORMAL),
                Keyspace.PROCESSORS, Keyspace.CONSUMER);
        gate.countDown();

        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        assertThat(jobs.of("a")).isEqualTo(upTo(5));
    }

    @Test
    void whatWasGivenOutAndIsNotPendingIsFoundByWhoComesNext() {
        Recorder jobs = new Recorder("job.do", QUICK, context -> Outcome.done());
        leaveBegun(List.of(job("a", 0)));
        String stream = pipeline.keys.events(pipeline.partition(lane("a")), Priority.NORMAL);
        space.server().command("XGROUP", "DELCONSUMER", stream, Keyspace.PROCESSORS, Keyspace.CONSUMER);
        pipeline.append(List.of(job("a", 1)));
        pipeline.startProcessor(List.of(jobs));

        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        assertThat(jobs.of("a")).isEqualTo(upTo(2));
    }

    @Test
    void whileALongTryIsWaitedForBeforeAPartitionGoesElsewhereScoresOfItGoOn() {
        restart(Map.of("MILLRACE_PARTITIONS", "2"));
        Recorder jobs = new Recorder("job.do", QUICK, context -> {
            gate.await();
            return Outcome.done();
        });
        Processor processor = pipeline.startProcessor(List.of(jobs));
        int partition = pipeline.partition(lane("a"));
        pipeline.append(List.of(job("a", 0)));
        await().atMost(SOON).until(() -> jobs.seen().size() == 1);
        Thread stopping = Thread.startVirtualThread(() -> processor.stop(SOON));
        await().atMost(SOON).until(() -> !pipeline.owners().containsKey(1 - partition));

        String player = IntStream.range(0, 100).mapToObj(i -> "p" + i).filter(name -> pipeline.partition(lane(name)) == partition)
                .findFirst()
                .orElseThrow();
        pipeline.append(List.of(score(player, 5), job(player, 1)));
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(pipeline.board("acme", "main", "GLOBAL")).containsEntry(player, 5L));
        assertThat(stopping.isAlive()).isTrue();
        gate.countDown();
        await().atMost(SOON).until(() -> !stopping.isAlive());
        assertThat(jobs.of(player)).as("begun after the stop").isEmpty();
        assertThat(pipeline.backlog()).isEqualTo(1);
    }

    @Test
    void aTryThatDoesNotEndHoldsUpNobodyWhoHasToBeAlone() {
        Policy policy = new Policy(3, 2, Duration.ofMillis(100), 16, SHORT, SHORT, AfterDead.CONTINUE, List.of());
        Recorder jobs = new Recorder("job.do", policy, context -> {
            while (context.event().lane().name().equals("hangs") && gate.getCount() > 0) {
                LockSupport.parkNanos(SHORT.toNanos());
                Thread.interrupted();
            }
            return Outcome.done();
        });
        leaveBegun(List.of(job("hangs", 0), job("b", 0), job("c", 0)));
        pipeline.startProcessor(List.of(jobs));

        await().atMost(SOON).until(() -> pipeline.backlog() == 1);
        assertThat(jobs.of("b")).containsExactly("0");
        assertThat(jobs.of("c")).containsExactly("0");
        gate.countDown();
        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
    }

    @Test
    void whenTheDeadLettersAreFullTheirLanesWaitAndOthersGoOn() {
        restart(Map.of("MILLRACE_DEAD_MAX", "1", "MILLRACE_PARTITIONS", "1"));
        Recorder jobs = new Recorder("job.do", QUICK,
                context -> context.event().lane().name().startsWith("bad") ? Outcome.dead("no") : Outcome.done());
        pipeline.startProcessor(List.of(jobs));
        pipeline.append(List.of(job("bad-1", 0)));
        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        pipeline.append(List.of(job("bad-2", 0), job("bad-2", 1), job("good", 0), score("max", ScoreData.MAX_SCORE), score("max", 1),
                score("max", -7), score("ada", 5)));

        await().atMost(SOON).untilAsserted(() -> assertThat(pipeline.board("acme", "main", "GLOBAL")).containsEntry("ada", 5L));
        await().atMost(SOON).until(() -> jobs.of("good").size() == 1);
        await().atMost(SOON).untilAsserted(() -> assertThat(tries(lane("bad-2")).map(Tries::state)).contains(State.DYING));
        assertThat(jobs.of("bad-2")).containsExactly("0");
        assertThat(pipeline.dead(0)).hasSize(1);

        await().atMost(SOON).untilAsserted(() -> {
            space.server().command("XTRIM", pipeline.keys.dead(0), "MAXLEN", "0");
            assertThat(pipeline.backlog()).isZero();
        });
        assertThat(jobs.of("bad-2")).containsExactly("0", "1");
        assertThat(pipeline.board("acme", "main", "GLOBAL")).containsEntry("max", ScoreData.MAX_SCORE - 7);
    }

    @Test
    void aPausedLaneWaitsUntilItIsResumed() {
        Recorder jobs = new Recorder("job.do", QUICK, context -> Outcome.done());
        String field = Keyspace.laneField(lane("still"));
        String paused = pipeline.keys.paused(pipeline.partition(lane("still")));
        space.server().command("HSET", paused, field, "1");
        pipeline.append(List.of(job("still", 0), score("still", 3), job("other", 0)));
        pipeline.startProcessor(List.of(jobs));

        await().atMost(SOON).until(() -> jobs.of("other").size() == 1);
        await().during(Duration.ofMillis(300)).atMost(SOON).until(() -> jobs.of("still").isEmpty());
        space.server().command("HDEL", paused, field);
        space.server().command("PUBLISH", pipeline.keys.bell(), Integer.toString(pipeline.partition(lane("still"))));
        await().atMost(SOON).until(() -> pipeline.backlog() == 0);
        assertThat(jobs.of("still")).containsExactly("0");
        assertThat(pipeline.board("acme", "main", "GLOBAL")).containsEntry("still", 3L);
    }

    @Test
    void whereAllPrioritiesWaitEachGetsItsShareOfPlaces() {
        restart(Map.of("MILLRACE_PARTITIONS", "1"));
        Policy one = new Policy(3, 2, Duration.ofSeconds(10), 1, SHORT, SHORT, AfterDead.CONTINUE, List.of());
        Recorder jobs = new Recorder("job.do", one, context -> Outcome.done());
        List<Event> events = new ArrayList<>();
        for (Priority priority : Priority.values()) {
            for (int i = 0; i < 26; i++) {
                events.add(new Event(new Lane("acme", priority.word() + i, priority), "job.do", Integer.toString(i), null));
            }
        }
        pipeline.append(events);
        pipeline.startProcessor(List.of(jobs));

        await().atMost(SOON).until(() -> jobs.seen().size() == events.size());
        List<Seen> first = jobs.seen().subList(0, 26);
        assertThat(first.stream().filter(seen -> seen.lane().startsWith("high"))).hasSizeBetween(14, 18);
        assertThat(first.stream().filter(seen -> seen.lane().startsWith("low"))).hasSizeBetween(1, 3);
    }

    /** Events that a process had begun to work when it ended. */
    private List<StreamId> leaveBegun(List<Event> events) {
        List<StreamId> ids = pipeline.append(events);
        for (int i = 0; i < events.size(); i++) {
            String stream = pipeline.keys.events(pipeline.partition(events.get(i).lane()), Priority.NORMAL);
            space.server().command("XGROUP", "CREATE", stream, Keyspace.PROCESSORS, "0");
            space.server().command("XREADGROUP", "GROUP", Keyspace.PROCESSORS, Keyspace.CONSUMER, "COUNT", "10", "STREAMS", stream, ">");
            space.server().command("XCLAIM", stream, Keyspace.PROCESSORS, Keyspace.CONSUMER, "0", ids.get(i).toString(), "RETRYCOUNT", "2");
        }
        return ids;
    }

    private Optional<Tries> tries(Lane lane) {
        byte[] text = pipeline.redis.hgetall(pipeline.keys.tries(pipeline.partition(lane))).get(Keyspace.laneField(lane));
        try {
            return text == null ? Optional.empty() : Optional.of(TriesCodec.decode(new String(text, StandardCharsets.UTF_8)));
        } catch (MalformedEntryException e) {
            throw new AssertionError(e);
        }
    }

    private List<String> depthFields() {
        List<String> fields = new ArrayList<>();
        for (int partition = 0; partition < pipeline.namespace.partitions().count(); partition++) {
            fields.addAll(pipeline.redis.hgetall(pipeline.keys.depth(partition)).keySet());
        }
        fields.removeIf(Keyspace.DEPTH_UNPERSISTED::equals);
        return fields;
    }

    private void restart(Map<String, String> environment) {
        pipeline.close();
        space.clear();
        pipeline = open(environment);
    }

    private Pipeline open(Map<String, String> environment) {
        Map<String, String> all = new HashMap<>(Map.of("MILLRACE_PARTITIONS", "8", "MILLRACE_LEASE_TTL", "1s"));
        all.putAll(environment);
        return new Pipeline(space, all);
    }

    private static List<String> upTo(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private static Lane lane(String name) {
        return new Lane("acme", name, Priority.NORMAL);
    }

    private static Event job(String lane, int number) {
        return new Event(lane(lane), "job.do", Integer.toString(number), null);
    }

    private static Event score(String player, long value) {
        return new Event(lane(player), ScoreOp.ADD.type(), new ScoreData(player, value, "main", "GLOBAL", null).toJson(), null);
    }
}
