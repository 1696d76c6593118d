package dev.millrace.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.ops.bench.redis.PlainRedis;
import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.ops.testkit.TestServers;
import dev.millrace.schema.settings.Settings;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@RealRedis
@RealPostgres
final class BenchTest {
    private static final int EVENTS = 400;
    private static final int PLAYERS = 50;

    private final RedisSpace space;
    private final PostgresDatabase database;
    private final ByteArrayOutputStream report = new ByteArrayOutputStream();
    private final ByteArrayOutputStream remarks = new ByteArrayOutputStream();

    BenchTest(RedisSpace space, PostgresDatabase database) {
        this.space = space;
        this.database = database;
    }

    @BeforeEach
    void startEmpty() {
        space.clear();
    }

    @Test
    void everyScenarioRunsIsCheckedAndLeavesNothingBehind() throws SQLException {
        space.server().command("SET", "somebody-elses", "key");

        int code = run(new BenchOptions(EnumSet.allOf(Scenario.class), EVENTS, PLAYERS, 1, false));

        assertThat(code).as(text(remarks)).isZero();
        for (Scenario scenario : Scenario.values()) {
            assertThat(text(report)).contains("| " + scenario.word() + ": ");
            assertThat(text(remarks)).contains(scenario.word() + ": run 1 of 1");
        }
        assertThat(text(report)).contains("appendfsync everysec, given at redis://127.0.0.1:");
        assertThat(space.server().command("KEYS", "*")).isEqualTo("somebody-elses");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet schemas = statement.executeQuery("select 1 from pg_namespace where nspname like 'bench%'")) {
            assertThat(schemas.next()).as("a schema is left").isFalse();
        }
    }

    @Test
    void theReportCanBeReadByPrograms() {
        assertThat(run(new BenchOptions(EnumSet.of(Scenario.DRAIN), EVENTS, PLAYERS, 2, true))).isZero();

        JsonNode json = JsonMapper.builder().build().readTree(text(report));
        JsonNode drain = json.get("figures").get(0);
        assertThat(drain.get("value").asDouble()).isPositive();
        assertThat(drain.get("ratio").asDouble()).isEqualTo(drain.get("value").asDouble() / drain.get("ceiling").asDouble());
        assertThat(drain.get("goal").asString()).contains("50,000 events/s");
        assertThat(json.get("facts").get("load").asString()).isEqualTo("400 events over 50 players a run, median of 2");
    }

    @Test
    void anEffectThatIsMissingIsAFailure() throws InterruptedException {
        try (PlainRedis plain = PlainRedis.connect(space.uri());
                Workspace workspace = Workspace.open(settings(), plain, space.namespace(), EVENTS)) {
            Load load = Load.of(EVENTS, PLAYERS);
            new Drain(PLAYERS).run(workspace, EVENTS);
            Map<String, Long> scores = Drain.scoresOf(load);
            workspace.checkBoards(scores);

            Map<String, Long> others = new HashMap<>(scores);
            String player = others.keySet().iterator().next();
            others.merge(player, 1L, Long::sum);

            assertThatThrownBy(() -> workspace.checkBoards(others)).isInstanceOf(MismatchException.class)
                    .hasMessageContaining("the score of " + player);
        }
    }

    @Test
    void anEventThatIsLostIsAFailure() throws InterruptedException {
        try (PlainRedis plain = PlainRedis.connect(space.uri());
                Workspace workspace = Workspace.open(settings(), plain, space.namespace(), EVENTS)) {
            workspace.fill(Load.of(EVENTS, PLAYERS));

            assertThatThrownBy(() -> workspace.fill(Load.of(EVENTS, PLAYERS))).isInstanceOf(MismatchException.class)
                    .hasMessage("events in the streams: " + 2 * EVENTS + " instead of " + EVENTS);
        }
    }

    @Test
    void aRedisServerOnTheSearchPathIsStartedAndElseTheEmbeddedOne(@TempDir Path folder) throws Exception {
        Path program;
        try (EmbeddedRedis redis = EmbeddedRedis.start(TestServers.redisOptions())) {
            program = Path.of(ProcessHandle.of(redis.pid()).flatMap(server -> server.info().command()).orElseThrow());
        }
        Path onThePath = Files.copy(program, folder.resolve("redis-server"), StandardCopyOption.COPY_ATTRIBUTES);
        Settings settings = Settings.read(Map.of());

        try (Ground ground = Ground.open(settings, "/nowhere:" + folder)) {
            assertThat(ground.redisWords()).isEqualTo("7.0.15, append-only file, appendfsync everysec, started from " + onThePath);
        }
        try (Ground ground = Ground.open(settings, "/nowhere")) {
            assertThat(ground.redisWords()).contains("EMBEDDED, for want of a redis-server or REDIS_URL");
        }
    }

    private int run(BenchOptions options) {
        return Bench.run(options, settings(), "", new PrintStream(report, true, StandardCharsets.UTF_8),
                new PrintStream(remarks, true, StandardCharsets.UTF_8));
    }

    private static String text(ByteArrayOutputStream printed) {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private Settings settings() {
        return Settings.read(Map.of("REDIS_URL", space.uri(), "DATABASE_URL", database.url()));
    }
}
