package dev.millrace.ops.embedded;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.testkit.ChildJvm;
import dev.millrace.ops.testkit.TestFolders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whatever happens to the JVM, its servers are gone soon after, their data are whole, and the next start works. */
final class SupervisionTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final Path folder = TestFolders.fresh("data");

    @AfterEach
    void nothingIsLeftRunning() {
        try {
            await().atMost(SOON).untilAsserted(() -> assertThat(servers()).isEmpty());
        } finally {
            Signal.KILL.send(servers().stream().map(ProcessHandle::pid).toList());
        }
    }

    @Test
    void aKilledJvmLeavesNoServerBehindAndNoDataAreLost() throws Exception {
        try (ChildJvm jvm = serving()) {
            List<ProcessHandle> left = families();
            List<ProcessHandle> reapers = reapers(servers());
            assertThat(servers()).hasSize(2);
            assertThat(reapers).hasSize(2);

            jvm.kill();

            await().atMost(SOON).until(() -> Stream.concat(left.stream(), reapers.stream()).noneMatch(SupervisionTest::runs));
            endedInGoodOrder();
        }
        startsAgainWithItsData();
    }

    @Test
    void aStartRightAfterTheKillWorks() throws Exception {
        try (ChildJvm jvm = serving()) {
            jvm.kill();
            startsAgainWithItsData();
        }
    }

    @Test
    void serversWhoseReapersWereKilledTooAreEndedByTheNextStart() throws Exception {
        try (ChildJvm jvm = serving()) {
            List<ProcessHandle> left = servers();
            reapers(left).forEach(ProcessHandle::destroyForcibly);
            jvm.kill();
            assertThat(left).allMatch(SupervisionTest::runs);

            startsAgainWithItsData();

            assertThat(left).noneMatch(SupervisionTest::runs);
        }
    }

    @Test
    void aJvmThatIsKilledWithItsWholeProcessGroupLeavesNoServerBehind() throws Exception {
        try (ChildJvm jvm = serving()) {
            List<ProcessHandle> left = servers();
            jvm.signalGroup("KILL");
            await().atMost(SOON).until(() -> left.stream().noneMatch(SupervisionTest::runs));
            endedInGoodOrder();
        }
        startsAgainWithItsData();
    }

    @Test
    void aJvmThatIsKilledWhileTheServersArePausedLeavesNoServerBehind() throws Exception {
        try (ChildJvm jvm = serving("paused")) {
            List<ProcessHandle> left = families();
            jvm.kill();
            await().atMost(SOON).until(() -> left.stream().noneMatch(SupervisionTest::runs));
        }
        startsAgainWithItsData();
    }

    @Test
    void pausedServersWhoseReapersWereKilledTooAreEndedByTheNextStart() throws Exception {
        try (ChildJvm jvm = serving("paused")) {
            List<ProcessHandle> left = families();
            reapers(servers()).forEach(ProcessHandle::destroyForcibly);
            jvm.kill();

            startsAgainWithItsData();

            assertThat(left).noneMatch(SupervisionTest::runs);
        }
    }

    @Test
    void ctrlCReachesTheJvmAloneWhichThenStopsTheServersInGoodOrder() throws Exception {
        try (ChildJvm jvm = serving()) {
            jvm.signalGroup("INT");
            assertThat(jvm.awaitLine("atShutdown")).isEqualTo("redis=PONG postgres=true");
            assertThat(jvm.awaitLine("stopped")).isEqualTo("true");
            assertThat(jvm.process().waitFor(30, SECONDS)).isTrue();
            assertThat(jvm.process().exitValue()).isEqualTo(130);
            assertThat(servers()).isEmpty();
        }
        startsAgainWithItsData();
    }

    @Test
    void aJvmThatIsKilledDuringItsFirstStartIsNoObstacle() throws Exception {
        try (ChildJvm jvm = ChildJvm.start(ServersUntilTold.class, folder.toString())) {
            jvm.awaitLine("opened");
            await().atMost(SOON).pollInterval(Duration.ofMillis(2)).until(this::isCreatingPostgres);
            jvm.kill();
        }
        try (ChildJvm jvm = serving()) {
            assertThat(servers()).hasSize(2);
        }
    }

    @Test
    void aFolderInUseIsRefusedWithThePidOfItsHolder() throws Exception {
        try (ChildJvm jvm = serving()) {
            assertThatThrownBy(() -> DataFolder.open(folder)).isInstanceOf(StartupException.class)
                    .hasMessage("The data folder " + folder + " is in use by another Millrace (pid " + jvm.process().pid()
                            + "); stop that one, or set MILLRACE_DATA to another folder.");
        }
    }

    private boolean isCreatingPostgres() throws Exception {
        if (Files.notExists(folder.resolve("postgres"))) {
            return false;
        }
        try (Stream<Path> postgres = Files.list(folder.resolve("postgres"))) {
            return postgres.anyMatch(path -> Files.exists(path.resolve("data/PG_VERSION")));
        }
    }

    private ChildJvm serving(String... how) throws Exception {
        ChildJvm jvm = ChildJvm.start(ServersUntilTold.class,
                Stream.concat(Stream.of(folder.toString()), Stream.of(how)).toArray(String[]::new));
        jvm.awaitLine("serving");
        return jvm;
    }

    private void endedInGoodOrder() {
        assertThat(folder.resolve("postgres/postgres.log")).content().contains("database system is shut down");
        assertThat(folder.resolve("redis/redis.log")).content().contains("ready to exit, bye bye");
    }

    private void startsAgainWithItsData() {
        try (DataFolder data = DataFolder.open(folder); EmbeddedServers servers = ServersUntilTold.start(data)) {
            assertThat(servers.redis().command("GET", "starts")).isEqualTo("1");
            assertThat(servers.postgres().isRunning()).isTrue();
        }
    }

    private List<ProcessHandle> servers() {
        List<ProcessHandle> servers = new ArrayList<>(Leftovers.find("redis-server", folder.resolve("redis/redis.conf")));
        servers.addAll(Leftovers.find("postgres", folder.resolve("postgres/cluster/data")));
        return servers;
    }

    private List<ProcessHandle> families() {
        return servers().stream().flatMap(one -> Stream.concat(Stream.of(one), one.descendants())).toList();
    }

    private static List<ProcessHandle> reapers(List<ProcessHandle> servers) {
        List<String> pids = servers.stream().map(one -> Long.toString(one.pid())).toList();
        return ProcessHandle.allProcesses().filter(process -> process.info().arguments().map(Arrays::asList)
                .filter(arguments -> arguments.contains("millrace-reaper") && arguments.stream().anyMatch(pids::contains)).isPresent())
                .toList();
    }

    /** A dead process that nobody has collected yet has no command any more. */
    private static boolean runs(ProcessHandle process) {
        return process.isAlive() && process.info().command().isPresent();
    }
}
