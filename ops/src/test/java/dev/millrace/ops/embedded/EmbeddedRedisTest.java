package dev.millrace.ops.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.testkit.TestServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class EmbeddedRedisTest {

    @Test
    void answersOnLoopbackAsConfigured() {
        try (EmbeddedRedis redis = EmbeddedRedis.start(TestServers.redisOptions().withAppendFsync(AppendFsync.ALWAYS))) {
            assertThat(redis.uri()).isEqualTo("redis://127.0.0.1:" + redis.port());
            assertThat(redis.command("PING")).isEqualTo("PONG");
            assertThat(redis.command("INFO", "server")).contains("redis_version:7.0.15", "process_id:" + redis.pid());
            assertThat(redis.command("CONFIG", "GET", "appendonly", "appendfsync", "maxmemory-policy", "save", "bind").lines())
                    .containsSubsequence("appendfsync", "always")
                    .containsSubsequence("appendonly", "yes")
                    .containsSubsequence("maxmemory-policy", "noeviction")
                    .containsSubsequence("save", "")
                    .containsSubsequence("bind", "127.0.0.1");
        }
    }

    @Test
    void aRestartKeepsPortAndData() {
        try (EmbeddedRedis redis = EmbeddedRedis.start(TestServers.redisOptions())) {
            int port = redis.port();
            long pid = redis.pid();
            redis.command("SET", "k", "v");

            redis.restart();

            assertThat(redis.port()).isEqualTo(port);
            assertThat(redis.pid()).isNotEqualTo(pid);
            assertThat(redis.command("GET", "k")).isEqualTo("v");
        }
    }

    @Test
    void aKillEndsItAtOnceAndARestartBringsTheDataBack() {
        try (EmbeddedRedis redis = EmbeddedRedis.start(TestServers.redisOptions())) {
            redis.command("SET", "k", "v");
            long pid = redis.pid();

            redis.kill();

            assertThat(redis.isRunning()).isFalse();
            assertThat(ProcessHandle.of(pid)).isEmpty();
            assertThatThrownBy(() -> redis.command("PING")).isInstanceOf(UncheckedIOException.class);
            redis.restart();
            assertThat(redis.command("GET", "k")).isEqualTo("v");
        }
    }

    @Test
    void aPausedServerKeepsItsConnectionsAndIsSilentUntilItIsResumed() throws Exception {
        try (EmbeddedRedis redis = EmbeddedRedis.start(TestServers.redisOptions())) {
            try (RedisWire wire = RedisWire.open(redis.port(), null, Duration.ofMillis(200))) {
                redis.pause();
                assertThatThrownBy(() -> wire.ask("INCR", "n")).isInstanceOf(IOException.class).hasMessageContaining("timed out");
            }
            redis.resume();
            assertThat(redis.command("GET", "n")).isEqualTo("1");
        }
    }

    @Test
    void aPausedServerCanBeStopped() {
        EmbeddedRedis redis = EmbeddedRedis.start(TestServers.redisOptions());
        long pid = redis.pid();
        redis.pause();
        redis.stop();
        assertThat(ProcessHandle.of(pid)).isEmpty();
    }

    @Test
    void aStopIsCleanAndMayBeRepeated() throws Exception {
        EmbeddedRedis redis = EmbeddedRedis.start(TestServers.redisOptions());
        var exit = redis.exit();
        redis.stop();
        redis.stop();
        assertThat(exit.get(1, TimeUnit.SECONDS)).isZero();
        assertThat(redis.isRunning()).isFalse();
        assertThatThrownBy(redis::pid).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aPasswordIsDemanded() throws Exception {
        String password = "with \"quotes\", \\ and spaces";
        try (EmbeddedRedis redis = EmbeddedRedis.start(TestServers.redisOptions().withPassword(password))) {
            assertThat(redis.command("PING")).isEqualTo("PONG");
            try (RedisWire stranger = RedisWire.open(redis.port(), null, Duration.ofSeconds(5))) {
                assertThatThrownBy(() -> stranger.ask("PING")).hasMessageStartingWith("NOAUTH");
            }
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(redis.folder().resolve("redis.conf"))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void extraConfigurationWins() {
        RedisOptions options = TestServers.redisOptions().withExtraConfig("cluster-enabled yes", "cluster-port 0", "maxmemory 123mb");
        try (EmbeddedRedis redis = EmbeddedRedis.start(options.withPort(LoopbackPort.free()))) {
            assertThat(redis.command("INFO", "cluster")).contains("cluster_enabled:1");
            assertThat(redis.command("CONFIG", "GET", "maxmemory")).endsWith(Long.toString(123L << 20));
        }
    }

    @Test
    void aSentinelKeepsWhatItLearnedOverARestart() {
        try (EmbeddedRedis primary = EmbeddedRedis.start(TestServers.redisOptions());
                EmbeddedRedis sentinel = EmbeddedRedis.start(TestServers.redisOptions().asSentinel())) {
            sentinel.command("SENTINEL", "MONITOR", "main", "127.0.0.1", Integer.toString(primary.port()), "1");
            sentinel.restart();
            assertThat(sentinel.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main")).isEqualTo("127.0.0.1\n" + primary.port());
        }
    }

    @Test
    void aBusyPortIsNamed() throws Exception {
        try (ServerSocket rival = new ServerSocket()) {
            rival.bind(new InetSocketAddress(LoopbackPort.address(), LoopbackPort.free()));
            int port = rival.getLocalPort();
            assertThatThrownBy(() -> EmbeddedRedis.start(TestServers.redisOptions().withPort(port)))
                    .isInstanceOf(StartupException.class)
                    .hasMessage("Port " + port + " on 127.0.0.1 is taken by another program, so the embedded Redis can't start; "
                            + "stop that program or choose another port.");
        }
    }

    @Test
    void aFolderServesOneServerAtATime() {
        RedisOptions options = TestServers.redisOptions();
        try (EmbeddedRedis redis = EmbeddedRedis.start(options)) {
            assertThatThrownBy(() -> EmbeddedRedis.start(options)).isInstanceOf(StartupException.class)
                    .hasMessageContaining("in use by another Millrace (pid " + ProcessHandle.current().pid());
            assertThat(redis.command("PING")).isEqualTo("PONG");
        }
        try (EmbeddedRedis next = EmbeddedRedis.start(options)) {
            assertThat(next.isRunning()).isTrue();
        }
    }

    @Test
    void aFolderThatCannotBeMadeIsNamed() throws Exception {
        Path file = Files.createFile(TestServers.redisOptions().folder());
        assertThatThrownBy(() -> EmbeddedRedis.start(RedisOptions.in(file.resolve("redis")))).isInstanceOf(StartupException.class)
                .hasMessageStartingWith("The Redis folder " + file.resolve("redis") + " can't be written")
                .hasMessageEndingWith("or set MILLRACE_DATA to another folder.");
    }

    @Test
    void aRefusedConfigurationIsQuotedAndLeavesTheFolderFree() {
        RedisOptions options = TestServers.redisOptions();
        assertThatThrownBy(() -> EmbeddedRedis.start(options.withExtraConfig("no-such-directive 1"))).isInstanceOf(StartupException.class)
                .hasMessageContaining("no-such-directive 1").hasMessageNotContaining("\n");
        EmbeddedRedis.start(options).close();
    }

    @Test
    void damagedDataAreRefusedWithTheReasonOfRedis() throws Exception {
        RedisOptions options = TestServers.redisOptions();
        try (EmbeddedRedis redis = EmbeddedRedis.start(options)) {
            redis.command("SET", "k", "v");
        }
        Path aof = options.folder().resolve("appendonlydir/appendonly.aof.1.incr.aof");
        Files.writeString(aof, "garbage" + Files.readString(aof));
        assertThatThrownBy(() -> EmbeddedRedis.start(options)).isInstanceOf(StartupException.class).hasMessageContaining("Bad file format");
    }

    @Test
    void aServerOfAnEarlierRunIsEndedByTheNextStart() throws Exception {
        RedisOptions options = TestServers.redisOptions();
        EmbeddedRedis.start(options).close();
        Process leftover = new ProcessBuilder(Detached.command(List.of(options.binaries().redisServer().toString(),
                options.folder().resolve("redis.conf").toString()))).start();
        try {
            await().atMost(Duration.ofSeconds(15)).ignoreExceptionsInstanceOf(IOException.class)
                    .until(() -> write(options, "of the earlier run"));
            try (EmbeddedRedis redis = EmbeddedRedis.start(options)) {
                assertThat(leftover.isAlive()).isFalse();
                assertThat(redis.command("GET", "k")).isEqualTo("of the earlier run");
            }
        } finally {
            leftover.destroyForcibly();
        }
    }

    private static boolean write(RedisOptions options, String value) throws IOException {
        int port = Files.readAllLines(options.folder().resolve("redis.conf")).stream().filter(line -> line.startsWith("port "))
                .mapToInt(line -> Integer.parseInt(line.substring("port ".length()))).findFirst().orElseThrow();
        try (RedisWire wire = RedisWire.open(port, null, Duration.ofSeconds(5))) {
            return "OK".equals(wire.ask("SET", "k", value));
        }
    }
}
