package dev.millrace.ops.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.endtoend.Installation;
import dev.millrace.ops.testkit.RedisProxy.Point;
import dev.millrace.ops.testkit.RedisProxy.Words;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.redis.Keyspace;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Faults of Redis and Postgres, and of the ways to them. */
final class StoreFaults {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration LONG = Duration.ofSeconds(3);
    private static final Pattern USED = Pattern.compile("used_memory:(\\d+)");
    private static final String[] ALL = {Installation.PROCESSOR, Installation.PERSISTER, Installation.INGEST_API};

    private StoreFaults() {}

    static void redisCrash(Scene scene) {
        beginOverHttp(scene);
        for (Duration _ : scene.moments(Math.min(2, scene.hits()))) {
            scene.servers.redis().kill();
            scene.pass(scene.between(Duration.ofMillis(200), SECOND));
            scene.servers.redis().restart();
            scene.recovery.from();
        }
    }

    /** While nothing more is let in, everything that was is worked and written, so that memory gets free. */
    static void memoryFull(Scene scene) {
        beginOverHttp(scene);
        for (Duration _ : scene.moments(Math.min(2, scene.hits()))) {
            Matcher used = USED.matcher(scene.installation.redis.info("memory"));
            assertThat(used.find()).isTrue();
            int refused = refused(scene);
            maxMemory(scene, Math.max(1, Long.parseLong(used.group(1)) * 9 / 10));
            await().atMost(Scene.PATIENCE).until(() -> refused(scene) > refused);
            await("drained while memory is full").atMost(Scene.PATIENCE).until(() -> scene.installation.backlog().left().isEmpty());
            scene.pass(scene.between(Duration.ofMillis(200), SECOND));
            maxMemory(scene, 0);
            scene.recovery.from();
        }
    }

    private static int refused(Scene scene) {
        return scene.journal().count("Unknown") + scene.journal().count("NotNow");
    }

    private static void maxMemory(Scene scene, long bytes) {
        scene.servers.redis().command("CONFIG", "SET", "maxmemory", Long.toString(bytes));
    }

    /** Of every role in turn by chance: a script ran, and whoever sent it never hears so. */
    static void repliesLost(Scene scene) {
        List<Member> members = beginOverHttp(scene);
        List<List<Step>> steps = List.of(List.of(Step.READ, Step.COMMIT, Step.BOARD), List.of(Step.READ, Step.ACKNOWLEDGE),
                List.of(Step.APPEND));
        for (Duration _ : scene.moments(2 * scene.hits())) {
            int whose = scene.random.nextInt(members.size());
            scene.at(members.get(whose), Point.EXECUTED, scene.oneOf(steps.get(whose)), Words.ARE_LOST, scene.recovery::from);
        }
    }

    /** Killed and started again, or only read from for a while; where there is the time for it, it ends with a standby in its place. */
    static void postgresAway(Scene scene) throws SQLException {
        scene.start(Installation.PROCESSOR, Installation.PERSISTER);
        Optional<Standby> standby = scene.hits() < 3 ? Optional.empty() : Optional.of(scene.keep(Standby.of(scene.servers)));
        scene.beginLoad();
        boolean killed = scene.random.nextBoolean();
        Iterator<Duration> moments = scene.moments(Math.min(3, scene.hits())).iterator();
        while (moments.hasNext()) {
            moments.next();
            if (standby.isPresent() && !moments.hasNext()) {
                scene.servers.postgres().kill();
                standby.get().takeOver();
            } else if (killed) {
                scene.servers.postgres().kill();
                scene.pass(scene.between(SECOND, LONG));
                scene.servers.postgres().restart();
            } else {
                scene.servers.sql("alter system set default_transaction_read_only = on", "select pg_reload_conf()");
                scene.pass(scene.between(SECOND, LONG));
                scene.servers.sql("alter system reset default_transaction_read_only", "select pg_reload_conf()");
            }
            scene.recovery.from();
            killed = !killed;
        }
    }

    /** Others lock what the persister writes, and in another order. It waits or tries again, and takes nothing for poison. */
    static void postgresLocked(Scene scene) throws SQLException {
        Member persister = scene.start(Installation.PERSISTER, Installation.PROCESSOR).getFirst();
        scene.beginLoad();
        long deadlocks = deadlocks(scene);
        for (Duration _ : scene.moments(scene.hits())) {
            if (scene.random.nextBoolean()) {
                lockForLong(scene);
            } else {
                crossLocks(scene);
            }
            scene.recovery.from();
        }
        crossLocks(scene);
        scene.recovery.from();
        await("a deadlock that Postgres has seen").atMost(Scene.PATIENCE).until(() -> deadlocks(scene) > deadlocks);
        scene.expect(() -> assertThat(persister.process().log()).doesNotContain("is held back"));
    }

    private static void lockForLong(Scene scene) throws SQLException {
        try (Connection rival = scene.servers.connect(); Statement statement = rival.createStatement()) {
            rival.setAutoCommit(false);
            statement.execute("lock table leaderboard in access exclusive mode");
            scene.pass(scene.between(SECOND, LONG));
            rival.rollback();
        }
    }

    /** Takes the players first and the progress second, where the persister does it the other way round, and is the more patient one. */
    private static void crossLocks(Scene scene) throws SQLException {
        try (Connection rival = scene.servers.connect(); Statement statement = rival.createStatement()) {
            rival.setAutoCommit(false);
            statement.execute("set local deadlock_timeout = '10s'");
            statement.execute("lock table leaderboard in share mode");
            // The persister stops with the progress of its partitions locked. It looks for deadlocks a second later, once: before that.
            await().atMost(Scene.PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> isAnyoneWaiting(scene));
            statement.execute("select * from progress for update");
            rival.rollback();
        }
    }

    private static boolean isAnyoneWaiting(Scene scene) throws SQLException {
        try (Connection connection = scene.servers.connect();
                Statement statement = connection.createStatement();
                var waiting = statement.executeQuery("select count(*) from pg_locks where not granted")) {
            return waiting.next() && waiting.getLong(1) > 0;
        }
    }

    private static long deadlocks(Scene scene) throws SQLException {
        try (Connection connection = scene.servers.connect();
                Statement statement = connection.createStatement();
                var found = statement.executeQuery("select deadlocks from pg_stat_database where datname = current_database()")) {
            return found.next() ? found.getLong(1) : 0;
        }
    }

    /** What a restarted or wrongly served Redis has forgotten, is made anew: groups from what is unfinished, scripts from their text. */
    static void groupsGone(Scene scene) {
        scene.start(Installation.PROCESSOR, Installation.PROCESSOR, Installation.PERSISTER);
        scene.beginLoad();
        Keyspace keys = scene.installation.namespace.keys();
        int partitions = scene.installation.namespace.partitions().count();
        for (Duration _ : scene.moments(2 * scene.hits())) {
            int partition = scene.random.nextInt(partitions);
            switch (scene.random.nextInt(3)) {
                case 0 -> scene.servers.redis().command("XGROUP", "DESTROY", keys.events(partition, Priority.NORMAL),
                        Keyspace.PROCESSORS);
                case 1 -> scene.servers.redis().command("XGROUP", "DESTROY", keys.changes(partition), Keyspace.PERSISTER);
                default -> scene.servers.redis().command("SCRIPT", "FLUSH");
            }
            scene.recovery.from();
        }
    }

    private static List<Member> beginOverHttp(Scene scene) {
        List<Member> members = scene.start(ALL);
        URI api = members.getLast().process().api();
        scene.beginLoad(() -> api);
        return members;
    }
}
