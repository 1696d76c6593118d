package dev.millrace.ops.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.embedded.EmbeddedPostgres;
import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.ops.testkit.RoleProcess;
import dev.millrace.ops.testkit.workload.HttpDoor;
import dev.millrace.ops.testkit.workload.Journal;
import dev.millrace.ops.testkit.workload.Load;
import dev.millrace.ops.testkit.workload.Workload;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Redis and Postgres go away under load and come back, and the same processes go on by themselves, through one outage after the other. */
@RealRedis(own = true)
@RealPostgres(own = true)
@TestInstance(Lifecycle.PER_CLASS)
final class OutageIT {
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("millrace.outage", 4));
    private static final Duration SOON = Duration.ofSeconds(60).plus(OUTAGE);
    private static final Duration AT_ONCE = Duration.ofSeconds(1);
    private static final int PER_SECOND = 400;

    private EmbeddedRedis redis;
    private EmbeddedPostgres postgres;
    private Installation installation;
    private RoleProcess api;

    @BeforeAll
    void start(RedisSpace space, PostgresDatabase database, EmbeddedRedis redis, EmbeddedPostgres postgres) {
        this.redis = redis;
        this.postgres = postgres;
        installation = new Installation(space.uri(), database.url(), database.jdbcUrl(), Map.of());
        api = installation.start(Installation.PROCESSOR, Installation.PROCESSOR, Installation.PERSISTER, Installation.INGEST_API).getLast();
    }

    @AfterAll
    void close() throws Exception {
        installation.close();
    }

    @Test
    void eventsAreAcceptedAndBoardedWhilePostgresIsAway() throws Exception {
        try (Run run = new Run("books-away")) {
            postgres.kill();
            run.load.await(SOON);
            await().atMost(SOON).until(() -> installation.backlog().left().keySet().equals(Set.of("events that are not in the books")));
            assertThat(run.journal.count("Unknown") + run.journal.count("NotNow")).as("%s", run.journal).isZero();
            assertThat(run.load.longestAnswer()).isLessThan(run.usual.plus(AT_ONCE));
            postgres.restart();
            run.assertThatNothingIsLost();
        }
    }

    @Test
    void aRedisThatCrashesIsAnsweredWith503AndWaitedFor() throws Exception {
        try (Run run = new Run("redis-crashes")) {
            redis.kill();
            waitFor(OUTAGE);
            assertThat(run.journal.count("Unknown")).as("%s", run.journal).isPositive();
            redis.restart();
            run.assertThatNothingIsLost();
            assertThat(run.load.longestAnswer()).as("no request hangs").isLessThan(run.usual.plus(AT_ONCE));
        }
    }

    @Test
    void aRedisThatHangsIsAnsweredWith503AndWaitedFor() throws Exception {
        try (Run run = new Run("redis-hangs")) {
            redis.pause();
            waitFor(OUTAGE);
            assertThat(run.journal.count("Unknown")).as("%s", run.journal).isPositive();
            redis.resume();
            run.assertThatNothingIsLost();
            assertThat(run.load.longestAnswer()).as("no request hangs").isLessThan(run.usual.plus(AT_ONCE));
        }
    }

    /** An outage is a length of time, which nothing but time can tell. */
    private static void waitFor(Duration outage) {
        long end = System.nanoTime() + outage.toNanos();
        await().atMost(outage.plusSeconds(5)).until(() -> System.nanoTime() - end >= 0);
    }

    /** A load of a client of its own that lasts longer than the outage in its midst. */
    private final class Run implements AutoCloseable {
        private final String client;
        private final HttpDoor door;
        private final Journal journal;
        private final Load load;
        /** How long an answer took at most while all was well: what a busy machine adds to every time that is measured. */
        private final Duration usual;

        Run(String client) {
            this.client = client;
            this.door = new HttpDoor(api::api, HttpDoor.createClient(api.api(), Installation.ADMIN_KEY, client));
            this.journal = installation.journal(client);
            int events = (int) (PER_SECOND * (OUTAGE.toSeconds() + 3));
            this.load = Load.start(Workload.random(client, 1_000).events(events), door, journal, Load.Options.of(8, 1, PER_SECOND));
            await().atMost(SOON).until(() -> load.accepted() > PER_SECOND);
            this.usual = load.longestAnswer();
            load.forgetLongest();
        }

        void assertThatNothingIsLost() throws Exception {
            load.await(SOON);
            installation.assertPromisesKept(client, journal, SOON);
        }

        @Override
        public void close() {
            load.close();
            door.close();
        }
    }
}
