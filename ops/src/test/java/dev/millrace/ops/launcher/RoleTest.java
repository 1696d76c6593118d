package dev.millrace.ops.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ops.testkit.MillraceProcess;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** One role as a process of its own. */
@RealRedis
class RoleTest {
    private final RedisSpace space;

    RoleTest(RedisSpace space) {
        this.space = space;
    }

    @Test
    void aRoleIsReadyUntilItIsToldToStopAndEndsWith0() throws Exception {
        try (MillraceProcess processor = MillraceProcess.start(environment(Map.of()), "processor")) {
            processor.awaitText("processor is ready after");
            Matcher port = Pattern.compile("management on port (\\d+)").matcher(processor.err());
            assertThat(port.find()).isTrue();
            HttpResponse<String> ready = get("http://127.0.0.1:" + port.group(1) + "/readyz");
            assertThat(ready.statusCode()).isEqualTo(200);
            assertThat(ready.body()).contains("\"processor\" : \"UP\"");
            assertThat(get("http://127.0.0.1:" + port.group(1) + "/metrics").body())
                    .contains("millrace_partitions_owned{group=\"processors\"} 64.0");
            processor.terminate();
            assertThat(processor.exitCode()).isZero();
            assertThat(processor.out()).isEmpty();
            assertThat(processor.err()).contains("SIGTERM: stopping in order", "processor stopped in");
        }
    }

    @Test
    void anotherPartitionCountIsRefusedInOneLine() {
        try (MillraceProcess first = MillraceProcess.start(environment(Map.of("MILLRACE_NAMESPACE", "fixed")), "processor")) {
            first.awaitText("processor is ready after");
        }
        Map<String, String> changed = environment(Map.of("MILLRACE_NAMESPACE", "fixed", "MILLRACE_PARTITIONS", "32"));
        try (MillraceProcess second = MillraceProcess.start(changed, "processor")) {
            assertThat(second.exitCode()).isEqualTo(1);
            assertThat(second.err()).isEqualTo("millrace: MILLRACE_PARTITIONS is 32, but namespace fixed of this Redis has 64; "
                    + "set MILLRACE_PARTITIONS=64 or another MILLRACE_NAMESPACE\n");
        }
    }

    @Test
    void aRedisThatIsNotThereIsToldInOneLine() {
        try (MillraceProcess processor = MillraceProcess.start(environment(Map.of("REDIS_URL", "redis://:secret@127.0.0.1:1")),
                "processor")) {
            assertThat(processor.exitCode()).isEqualTo(1);
            assertThat(processor.err()).startsWith("millrace: no Redis answers at redis://127.0.0.1:1: ").hasLineCount(1);
        }
    }

    @Test
    void helpComesWithoutAnySetting() {
        try (MillraceProcess help = MillraceProcess.start(Map.of(), "--help")) {
            assertThat(help.exitCode()).isZero();
            assertThat(help.out()).startsWith("Usage: millrace");
            assertThat(help.err()).isEmpty();
        }
    }

    private Map<String, String> environment(Map<String, String> others) {
        Map<String, String> environment = new HashMap<>(Map.of("REDIS_URL", space.uri(), "MILLRACE_NAMESPACE", space.namespace()));
        environment.putAll(others);
        return environment;
    }

    private static HttpResponse<String> get(String url) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
        }
    }
}
