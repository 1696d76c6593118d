package dev.millrace.ops.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.ops.testkit.RoleProcess;
import dev.millrace.ops.testkit.workload.Journal;
import dev.millrace.ops.testkit.workload.Load;
import dev.millrace.ops.testkit.workload.Workload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Processors and the persister come and go under load, and every promise is kept. */
@RealRedis
@RealPostgres
final class CrashIT {
    private static final int EVENTS = Integer.getInteger("millrace.events", 20_000);
    private static final int PER_SECOND = 2_000;
    private static final Duration DRAINED = Duration.ofSeconds(60);

    private final Installation installation;

    CrashIT(RedisSpace redis, PostgresDatabase postgres) {
        this.installation = new Installation(redis.uri(), postgres.url(), postgres.jdbcUrl(), Map.of("MILLRACE_LEASE_TTL", "2s"));
    }

    @AfterEach
    void close() throws Exception {
        installation.close();
    }

    @Test
    void killedProcessesLoseRepeatAndReorderNothing() throws Exception {
        Workload workload = Workload.random("crash", 5_000);
        Random random = new Random(workload.seed());
        List<RoleProcess> started = installation.start(Installation.PROCESSOR, Installation.PROCESSOR, Installation.PROCESSOR,
                Installation.PERSISTER);
        List<RoleProcess> processors = new ArrayList<>(started.subList(0, 3));
        RoleProcess persister = started.get(3);
        Journal journal = installation.journal("crash");
        int kills = 0;
        try (Load load = Load.start(workload.events(EVENTS), installation.admissionDoor(), journal, Load.Options.of(8, 20, PER_SECOND))) {
            for (long next = PER_SECOND; next < EVENTS; next += PER_SECOND) {
                long until = next;
                await().atMost(DRAINED).until(() -> load.accepted() >= until || load.isDone());
                processors.remove(random.nextInt(processors.size())).kill();
                processors.add(installation.launch(Installation.PROCESSOR));
                kills++;
                if (next >= EVENTS / 2 && persister.isAlive()) {
                    persister.kill();
                    installation.launch(Installation.PERSISTER);
                }
            }
            load.await(DRAINED);
        }
        installation.assertPromisesKept(workload.client(), journal, DRAINED);
        assertThat(journal.accepted()).hasSize(EVENTS);
        assertThat(kills).isGreaterThan(5);
    }

    @Test
    void aProcessorThatWakesUpTooLateIsFenced() throws Exception {
        Workload workload = Workload.random("zombie", 500);
        List<RoleProcess> started = installation.start(Installation.PROCESSOR, Installation.PROCESSOR, Installation.PERSISTER);
        RoleProcess sleeper = started.get(0);
        await().atMost(DRAINED).until(() -> !installation.partitionsOf(sleeper).isEmpty());
        Journal journal = installation.journal("zombie");
        int events = EVENTS / 2;
        try (Load load = Load.start(workload.events(events), installation.admissionDoor(), journal, Load.Options.of(4, 20, PER_SECOND))) {
            await().atMost(DRAINED).until(() -> load.accepted() >= events / 5);
            sleeper.pause();
            await().atMost(DRAINED).until(() -> installation.partitionsOf(sleeper).isEmpty());
            long taken = load.accepted();
            await().atMost(DRAINED).until(() -> load.isDone() || load.accepted() > taken + events / 10);
            sleeper.resume();
            load.await(DRAINED);
        }
        installation.assertPromisesKept(workload.client(), journal, DRAINED);
        await().atMost(DRAINED).until(() -> sleeper.log().contains("fenced in epoch"));
        assertThat(sleeper.metric("millrace_fenced_total")).isPositive();
        assertThat(journal.accepted()).hasSize(events);
    }
}
