package dev.millrace.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.ops.bench.redis.PlainRedis;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.settings.Settings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@RealRedis
final class BenchTest {
    private static final int EVENTS = 400;
    private static final int PLAYERS = 50;

    private final RedisSpace space;
    private final StringWriter report = new StringWriter();
    private final StringWriter remarks = new StringWriter();

    BenchTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void startEmpty() {
        space.clear();
    }

    @Test
    void everyScenarioRunsIsCheckedAndLeavesNothingBehind() {
        space.server().command("SET", "somebody-elses", "key");

        int code = run(new BenchOptions(EnumSet.allOf(Scenario.class), EVENTS, PLAYERS, 1, false));

        assertThat(code).as(remarks.toString()).isZero();
        for (Scenario scenario : Scenario.values()) {
            assertThat(report.toString()).contains("| " + scenario.word() + ": ");
            assertThat(remarks.toString()).contains(scenario.word() + ": run 1 of 1");
        }
        assertThat(report.toString()).contains("appendfsync everysec, given at redis://127.0.0.1:");
        assertThat(space.server().command("KEYS", "*")).isEqualTo("somebody-elses");
    }

    @Test
    void theReportCanBeReadByPrograms() {
        assertThat(run(new BenchOptions(EnumSet.of(Scenario.DRAIN), EVENTS, PLAYERS, 2, true))).isZero();

        JsonNode json = JsonMapper.builder().build().readTree(report.toString());
        JsonNode drain = json.get("figures").get(0);
        assertThat(drain.get("value").asDouble()).isPositive();
        assertThat(drain.get("ratio").asDouble()).isEqualTo(drain.get("value").asDouble() / drain.get("ceiling").asDouble());
        assertThat(drain.get("goal").asString()).contains("50,000 events/s");
        assertThat(json.get("facts").get("load").asString()).isEqualTo("400 events over 50 players a run, median of 2");
    }

    @Test
    void anEffectThatIsMissingIsAFailure() throws InterruptedException {
        Settings settings = Settings.read(environment());
        try (PlainRedis plain = PlainRedis.connect(space.uri());
                Workspace workspace = Workspace.open(settings, plain, space.namespace(), EVENTS)) {
            Load load = Load.of(EVENTS, PLAYERS);
            new Drain(PLAYERS).run(workspace, EVENTS);
            workspace.checkBoards(load.scores());

            Map<String, Long> others = new HashMap<>(load.scores());
            String player = others.keySet().iterator().next();
            others.merge(player, 1L, Long::sum);

            assertThatThrownBy(() -> workspace.checkBoards(others)).isInstanceOf(MismatchException.class)
                    .hasMessageContaining("the score of " + player);
        }
    }

    @Test
    void anEventThatIsLostIsAFailure() throws InterruptedException {
        try (PlainRedis plain = PlainRedis.connect(space.uri());
                Workspace workspace = Workspace.open(Settings.read(environment()), plain, space.namespace(), EVENTS)) {
            workspace.fill(Load.of(EVENTS, PLAYERS));

            assertThatThrownBy(() -> workspace.fill(Load.of(EVENTS, PLAYERS))).isInstanceOf(MismatchException.class)
                    .hasMessage("events in the streams: " + 2 * EVENTS + " instead of " + EVENTS);
        }
    }

    @Test
    void aRedisServerOnTheSearchPathIsStartedAndElseTheEmbeddedOne(@TempDir Path folder) throws Exception {
        Path program = Path.of(ProcessHandle.of(space.server().pid()).flatMap(server -> server.info().command()).orElseThrow());
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
        return Bench.run(options, environment(), new PrintWriter(report), new PrintWriter(remarks));
    }

    private Map<String, String> environment() {
        return Map.of("REDIS_URL", space.uri());
    }
}
