package dev.millrace.ops.launcher.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@ResourceLock(Resources.SYSTEM_ERR)
class LoggingTest {
    private static final Logger OURS = LoggerFactory.getLogger("dev.millrace.some.Place");
    private static final Logger THEIRS = LoggerFactory.getLogger("org.example.Library");

    private final ByteArrayOutputStream captured = new ByteArrayOutputStream();
    private final PrintStream before = System.err;

    @BeforeEach
    void capture() {
        System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void giveBack() {
        System.setErr(before);
        Logging.configure("text", "info");
    }

    @Test
    void aTextLineHasTimeLevelThreadPlaceAndMessage() {
        Logging.configure("text", "info");
        OURS.info("{} started in {} ms", "persister", 12);
        assertThat(log()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z INFO  \\[main] Place: persister started in 12 ms\n");
    }

    @Test
    void libraryTalkIsLeftOut() {
        Logging.configure("text", "debug");
        OURS.debug("ours");
        THEIRS.info("chatter");
        THEIRS.warn("theirs");
        assertThat(log().lines()).hasSize(2).satisfiesExactly(one -> assertThat(one).endsWith("Place: ours"),
                two -> assertThat(two).endsWith("org.example.Library: theirs"));
    }

    @Test
    void theLevelHolds() {
        Logging.configure("text", "error");
        OURS.warn("no");
        THEIRS.warn("no");
        OURS.error("yes");
        assertThat(log().lines()).singleElement().asString().endsWith(": yes");
    }

    @Test
    void noMessageAndNoExceptionCanForgeALine() {
        Logging.configure("text", "info");
        OURS.warn("lane {}", "x\n2026-01-01T00:00:00.000Z ERROR [main] Forged: \u001b[31mred", new IllegalStateException("a\nb"));
        assertThat(log().lines().filter(line -> !line.startsWith("    "))).singleElement().asString()
                .endsWith("lane x\\u000a2026-01-01T00:00:00.000Z ERROR [main] Forged: \\u001b[31mred");
        assertThat(log()).contains("\n    java.lang.IllegalStateException: a\\u000ab\n")
                .contains("\n        at dev.millrace.ops.launcher.logging.LoggingTest");
    }

    @Test
    void aCauseFollowsItsEffect() {
        Logging.configure("text", "info");
        OURS.error("failed", new IllegalStateException("effect", new IllegalArgumentException("cause")));
        assertThat(log()).containsSubsequence("    java.lang.IllegalStateException: effect",
                "    caused by java.lang.IllegalArgumentException: cause");
    }

    @Test
    void jsonIsOneObjectALine() {
        Logging.configure("json", "info");
        OURS.warn("a {}", "b\n\u001b");
        assertThat(log().lines()).hasSize(1);
        JsonNode line = JsonMapper.builder().build().readTree(log());
        assertThat(line.get("message").asString()).isEqualTo("a b\n\u001b");
        assertThat(line.get("level").asString()).isEqualTo("WARN");
        assertThat(line.get("thread_name").asString()).isEqualTo("main");
        assertThat(line.get("logger_name").asString()).isEqualTo("dev.millrace.some.Place");
        assertThat(line.get("@timestamp").asString()).endsWith("Z");
    }

    @Test
    void whatLibrariesTellJavasOwnLogComesHereToo() {
        Logging.configure("text", "info");
        java.util.logging.Logger.getLogger("org.postgresql.Driver").warning("odd");
        assertThat(log()).endsWith("WARN  [main] org.postgresql.Driver: odd\n");
    }

    private String log() {
        return captured.toString(StandardCharsets.UTF_8);
    }
}
