package dev.millrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.persister.Persister;
import dev.millrace.persister.store.PostgresEventHistory;
import dev.millrace.processor.Processor;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.settings.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What was scheduled or redriven is in the books under the id that its producer was given then, whatever became of it in the end. */
@RealRedis
@RealPostgres
final class LaterInTheBooksTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final RedisSpace space;
    private final PostgresDatabase database;
    private PostgresEventHistory history;
    private RunningApi api;
    private Processor processor;
    private Persister persister;

    LaterInTheBooksTest(RedisSpace space, PostgresDatabase database) {
        this.space = space;
        this.database = database;
    }

    @BeforeEach
    void startAll() {
        space.clear();
        Settings settings = RunningApi.settings(space, Map.of("DATABASE_URL", database.url(), "MILLRACE_LEASE_TTL", "1s"));
        history = new PostgresEventHistory(settings.database());
        api = RunningApi.start(space, Map.of("DATABASE_URL", database.url(), "MILLRACE_LEASE_TTL", "1s"), history::find);
        persister = new Persister(settings, new SimpleMeterRegistry());
        persister.start();
        processor = new Processor(settings, new SimpleMeterRegistry());
        processor.start();
    }

    @AfterEach
    void stopAll() {
        processor.stop(Duration.ofSeconds(10));
        persister.stop(Duration.ofSeconds(10));
        api.close();
        history.close();
    }

    @Test
    void aPromotedScoreACancelledOneAndADeadOne() {
        String applied = later("alice", 5, "PT0.3S");
        String cancelled = later("alice", 7, "PT1H");
        api.post("/v1/scores", "{\"player\":\"bob\",\"set\":9007199254740991}");
        String dead = later("bob", 1, "PT0.6S");
        assertThat(api.delete("/v1/events/" + cancelled).status()).isEqualTo(200);

        assertThat(awaitBooks(applied).toString()).isEqualTo(expected(applied, "alice", "completed", 1, ""));
        assertThat(awaitBooks(cancelled).toString()).isEqualTo(expected(cancelled, "alice", "cancelled", 0, ""));
        assertThat(awaitBooks(dead).toString())
                .isEqualTo(expected(dead, "bob", "dead", 1, ",\"error\":\"the score would pass 2^53 - 1\""));
        await().atMost(PATIENCE).until(() -> rows(cancelled) == 1 && rows(applied) == 1 && rows(dead) == 1);
        assertThat(api.get("/v1/boards/main/rank/alice").json().path("score").longValue()).isEqualTo(5);
        for (String id : new String[]{applied, dead}) {
            EventRef ref = ref(id);
            assertThat(api.redis().hgetall(api.namespace().keys().moved(ref.partition()))).doesNotContainKey(ref.asOrigin().toString());
        }
    }

    @Test
    void whatDiedAndWasRedrivenIsInTheBooksAsItEndedAtLast() throws SQLException {
        api.post("/v1/scores", "{\"player\":\"carl\",\"set\":9007199254740991}");
        String mended = later("carl", 1, "PT0.2S");
        String hopeless = api.post("/v1/scores", "{\"player\":\"carl\",\"add\":2}").json().path("id").stringValue();
        for (String id : new String[]{mended, hopeless}) {
            await().atMost(PATIENCE).until(() -> rows(id) == 1 && api.get("/v1/dead-letters/" + id).status() == 200);
        }

        assertThat(api.postAs(api.key(), "/v1/dead-letters/" + hopeless + ":redrive").status()).isEqualTo(202);
        await().atMost(PATIENCE).until(() -> api.get("/v1/dead-letters/" + hopeless).status() == 200);
        assertThat(api.post("/v1/dead-letters/" + mended + ":redrive", "{\"data\":{\"player\":\"carl\",\"value\":-1}}").status())
                .isEqualTo(202);
        // At no time dead again, though the books may be behind.
        await().atMost(PATIENCE).until(() -> {
            JsonNode status = api.get("/v1/events/" + mended).json();
            assertThat(status.path("status").stringValue()).isNotEqualTo("dead");
            return status.path("status").stringValue().equals("completed") && status.path("tries").intValue(0) == 1;
        });
        assertThat(api.delete("/v1/dead-letters/" + hopeless).status()).isEqualTo(200);
        assertThat(awaitBooks(hopeless).toString())
                .isEqualTo(expected(hopeless, "carl", "dead", 1, ",\"error\":\"the score would pass 2^53 - 1\""));
        assertThat(rows(mended)).isEqualTo(1);
        assertThat(rows(hopeless)).isEqualTo(1);
    }

    private String later(String player, long value, String delay) {
        Answer answer = api.post("/v1/events", "{\"type\":\"score.add\",\"data\":{\"player\":\"" + player + "\",\"value\":" + value
                + "},\"delay\":\"" + delay + "\"}");
        assertThat(answer.json().path("status").stringValue()).isEqualTo("scheduled");
        return answer.json().path("id").stringValue();
    }

    /** The status, once the books know the event's type. */
    private JsonNode awaitBooks(String id) {
        await().atMost(PATIENCE).until(() -> {
            JsonNode status = api.get("/v1/events/" + id).json();
            return status.has("type") && !status.path("status").stringValue().matches("scheduled|queued|processing");
        });
        return api.get("/v1/events/" + id).json();
    }

    private String expected(String id, String lane, String status, int tries, String more) {
        return "{\"id\":\"" + id + "\",\"type\":\"score.add\",\"lane\":\"" + lane + "\",\"status\":\"" + status + "\",\"tries\":" + tries
                + ",\"acceptedAt\":\"" + ref(id).id().time() + "\"" + more + '}';
    }

    private EventRef ref(String id) {
        return api.namespace().eventIds().decode("acme", id).orElseThrow();
    }

    private int rows(String id) throws SQLException {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement("select count(*) from event_outcomes where event_id = ?")) {
            statement.setString(1, id);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }
}
