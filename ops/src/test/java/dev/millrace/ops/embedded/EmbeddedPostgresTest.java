package dev.millrace.ops.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.ops.testkit.TestServers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class EmbeddedPostgresTest {

    @Test
    void servesTheDatabaseMillraceOnLoopbackAsConfigured() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres
                .start(TestServers.postgresOptions().withSettings(Map.of("max_connections", "17")))) {
            assertThat(select(postgres, "select current_database() || ' ' || current_user")).isEqualTo("millrace millrace");
            assertThat(select(postgres, "show server_version_num")).startsWith("18");
            assertThat(select(postgres, "show fsync")).isEqualTo("on");
            assertThat(select(postgres, "show synchronous_commit")).isEqualTo("on");
            assertThat(select(postgres, "show server_encoding")).isEqualTo("UTF8");
            assertThat(select(postgres, "show listen_addresses")).isEqualTo("127.0.0.1");
            assertThat(select(postgres, "show max_connections")).isEqualTo("17");
            assertThat(select(postgres, "select upper('é') || (('Z' < 'a' and 'z' < 'é')::text)")).isEqualTo("Étrue");
        }
    }

    @Test
    void theUrlNamesUserPasswordPortAndDatabase() {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(quick())) {
            URI url = URI.create(postgres.url());
            assertThat(url.getScheme()).isEqualTo("postgres");
            assertThat(url.getUserInfo()).isEqualTo("millrace:" + postgres.password());
            assertThat(url.getHost()).isEqualTo("127.0.0.1");
            assertThat(url.getPort()).isEqualTo(postgres.port());
            assertThat(url.getPath()).isEqualTo("/millrace");
        }
    }

    @Test
    void aWrongPasswordIsRefusedAndTheRightOneIsReadableByItsOwnerAlone() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(quick())) {
            assertThatThrownBy(
                    () -> DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + postgres.port() + "/millrace", "millrace", "guess"))
                    .isInstanceOf(SQLException.class).hasMessageContaining("password authentication failed");
            Path password = postgres.folder().resolve("cluster/password");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(password))).isEqualTo("rw-------");
        }
    }

    @Test
    void aRestartKeepsPortPasswordAndData() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(quick())) {
            String url = postgres.url();
            execute(postgres, "create table t as select 42 as n");
            postgres.restart();
            assertThat(postgres.url()).isEqualTo(url);
            assertThat(select(postgres, "select n from t")).isEqualTo("42");
        }
    }

    @Test
    void aKillEndsAllItsProcessesAndARestartRecovers() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(TestServers.postgresOptions())) {
            execute(postgres, "create table t as select 42 as n");
            List<ProcessHandle> family = family(postgres);
            assertThat(family).hasSizeGreaterThan(3);

            postgres.kill();

            assertThat(family).noneMatch(EmbeddedPostgresTest::runs);
            assertThat(postgres.isRunning()).isFalse();
            postgres.restart();
            assertThat(select(postgres, "select n from t")).isEqualTo("42");
        }
    }

    @Test
    void aPostmasterThatWasKilledAloneIsStartedAgainWhenItsBackEndsAreGone() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(quick())) {
            execute(postgres, "create table t as select 42 as n");
            try (Connection busy = DriverManager.getConnection(postgres.jdbcUrl())) {
                var exit = postgres.exit();
                ProcessHandle.of(postgres.pid()).orElseThrow().destroyForcibly();
                assertThat(exit.get(10, TimeUnit.SECONDS)).isEqualTo(137);

                postgres.restart();

                assertThat(select(postgres, "select n from t")).isEqualTo("42");
            }
        }
    }

    @Test
    void aPausedServerIsSilentWholeAndGoesOnWhenResumed() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(quick());
                Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
                Statement statement = connection.createStatement()) {
            connection.setNetworkTimeout(Runnable::run, 300);
            postgres.pause();
            assertThatThrownBy(() -> statement.execute("select 1")).isInstanceOf(SQLException.class)
                    .hasRootCauseInstanceOf(IOException.class);
            postgres.resume();
            assertThat(select(postgres, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void aStopIsCleanWithAndWithoutPauseAndMayBeRepeated() throws Exception {
        EmbeddedPostgres postgres = EmbeddedPostgres.start(quick());
        try (Connection held = DriverManager.getConnection(postgres.jdbcUrl())) {
            List<ProcessHandle> family = family(postgres);
            var exit = postgres.exit();
            postgres.pause();
            postgres.stop();
            postgres.stop();
            assertThat(exit.get(1, TimeUnit.SECONDS)).isZero();
            assertThat(family).noneMatch(EmbeddedPostgresTest::runs);
            assertThat(Files.readString(postgres.logFile())).contains("database system is shut down");
        }
    }

    @Test
    void aPidFileOfAnEarlierRunWhosePidIsNowAStrangersIsNoObstacle() throws Exception {
        PostgresOptions options = quick();
        EmbeddedPostgres first = EmbeddedPostgres.start(options);
        Path pidFile = options.folder().resolve("cluster/data/postmaster.pid");
        List<String> lines = new ArrayList<>(Files.readAllLines(pidFile));
        first.kill();
        first.stop();
        lines.set(0, Long.toString(ProcessHandle.current().pid()));
        Files.write(pidFile, lines);

        try (EmbeddedPostgres second = EmbeddedPostgres.start(options)) {
            assertThat(select(second, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void aCreationThatWasCutShortIsBegunAnew() throws Exception {
        PostgresOptions options = quick();
        Path half = Files.createDirectories(options.folder().resolve(".creating-1/data"));
        Files.writeString(half.resolve("PG_VERSION"), "18");
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(options)) {
            assertThat(select(postgres, "select 1")).isEqualTo("1");
            assertThat(half).doesNotExist();
        }
    }

    @Test
    void dataOfAnotherMajorVersionAreRefused() throws Exception {
        PostgresOptions options = quick();
        Files.writeString(Files.createDirectories(options.folder().resolve("cluster/data")).resolve("PG_VERSION"), "15\n");
        assertThatThrownBy(() -> EmbeddedPostgres.start(options)).isInstanceOf(StartupException.class)
                .hasMessageContaining("were written by Postgres 15, and this Millrace brings Postgres 18");
    }

    @Test
    void aRefusedSettingIsQuotedAndLeavesTheFolderFree() {
        PostgresOptions options = quick();
        assertThatThrownBy(() -> EmbeddedPostgres.start(options.withSettings(Map.of("no_such_setting", "1"))))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("no_such_setting");
        EmbeddedPostgres.start(options).close();
    }

    @Test
    void aBusyPortIsNamed() throws Exception {
        try (ServerSocket rival = new ServerSocket()) {
            rival.bind(new InetSocketAddress(LoopbackPort.address(), LoopbackPort.free()));
            int port = rival.getLocalPort();
            assertThatThrownBy(() -> EmbeddedPostgres.start(TestServers.postgresOptions().withPort(port)))
                    .isInstanceOf(StartupException.class)
                    .hasMessageStartingWith("Port " + port + " on 127.0.0.1 is taken by another program");
        }
    }

    /** Without waiting for the disk, which these tests are not about. */
    private static PostgresOptions quick() {
        return TestServers.postgresOptions().withDurable(false);
    }

    private static List<ProcessHandle> family(EmbeddedPostgres postgres) {
        ProcessHandle root = ProcessHandle.of(postgres.pid()).orElseThrow();
        List<ProcessHandle> family = new ArrayList<>(root.descendants().toList());
        family.add(root);
        return family;
    }

    /** A dead process that nobody has collected yet has no command any more. */
    private static boolean runs(ProcessHandle process) {
        return process.isAlive() && process.info().command().isPresent();
    }

    private static String select(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }

    private static void execute(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl()); Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
