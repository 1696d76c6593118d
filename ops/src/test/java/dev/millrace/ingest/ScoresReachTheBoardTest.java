package dev.millrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.processor.Processor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The API and a processor together: what is posted is what the board shows. */
@RealRedis
final class ScoresReachTheBoardTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void postedScoresAreAddedUpAndTheirEventsComplete(RedisSpace space) {
        try (RunningApi api = RunningApi.start(space)) {
            Map<String, Long> model = new HashMap<>();
            List<String> posted = new ArrayList<>();
            Random random = new Random(7);
            for (int n = 0; n < 200; n++) {
                String player = "player-" + n % 9;
                long amount = random.nextLong(-50, 100);
                Answer answer = api.post("/v1/scores", "{\"player\":\"" + player + "\",\"region\":\"R" + n % 3 + "\",\"name\":\"P | "
                        + n % 9 + "\",\"add\":" + amount + "}");
                assertThat(answer.status()).isEqualTo(202);
                posted.add(answer.header("Location"));
                model.merge(player, amount, Long::sum);
            }

            Processor processor = new Processor(api.settings(), new SimpleMeterRegistry());
            processor.start();
            try {
                await().atMost(PATIENCE).untilAsserted(() -> assertThat(board(api)).isEqualTo(model));
                assertThat(posted).allSatisfy(
                        event -> assertThat(api.get(event).json().path("status").stringValue()).isEqualTo("completed"));
                Answer rank = api.get("/v1/boards/main/rank/player-4?region=R1");
                assertThat(rank.json().path("score").longValue()).isEqualTo(model.get("player-4"));
                assertThat(rank.json().path("region").stringValue()).isEqualTo("R1");
                assertThat(api.get("/v1/boards/main/around/player-4").json().at("/self/name").stringValue()).isEqualTo("P | 4");
            } finally {
                processor.stop(Duration.ofSeconds(10));
            }
        }
    }

    private static Map<String, Long> board(RunningApi api) {
        Map<String, Long> scores = new HashMap<>();
        for (JsonNode entry : api.get("/v1/boards/main/top").json().path("entries")) {
            scores.put(entry.path("player").stringValue(), entry.path("score").longValue());
        }
        return scores;
    }
}
