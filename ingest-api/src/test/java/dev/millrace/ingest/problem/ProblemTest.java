package dev.millrace.ingest.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.problem.Problem.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ProblemTest {
    @Test
    void aProblemIsWrittenAsRfc9457Says() {
        Problem problem = Problem.of(ProblemType.INVALID_FIELD,
                List.of(InputError.at("#/data/value", "must be of type integer"), InputError.parameter("limit", "is \"wrong\"")));

        assertThat(json(problem))
                .isEqualTo("{\"type\":\"https://millrace.dev/problems/invalid-field\",\"title\":\"A field has a wrong value\","
                        + "\"status\":422,\"detail\":\"#/data/value must be of type integer, and 1 more\","
                        + "\"errors\":[{\"pointer\":\"#/data/value\",\"detail\":\"must be of type integer\"},"
                        + "{\"parameter\":\"limit\",\"detail\":\"is \\\"wrong\\\"\"}]}");
    }

    @Test
    void whatIsNotKnownIsLeftOut() {
        assertThat(json(Problem.of(ProblemType.UNAVAILABLE, "Redis does not answer.")))
                .isEqualTo("{\"type\":\"https://millrace.dev/problems/unavailable\",\"title\":\"The service can't answer now\","
                        + "\"status\":503,\"detail\":\"Redis does not answer.\"}");
    }

    @Test
    void anOutcomeIsSaid() {
        assertThat(json(Problem.of(ProblemType.UNAVAILABLE, "x").outcome(Outcome.UNKNOWN))).contains("\"outcome\":\"unknown\"");
        assertThat(json(Problem.of(ProblemType.UNAVAILABLE, "x").outcome(Outcome.NOT_APPENDED))).contains("\"outcome\":\"not_appended\"");
    }

    @Test
    void retryAfterIsNeverTooEarly() {
        Problem problem = Problem.of(ProblemType.QUEUE_FULL, "x");
        assertThat(problem.retryAfterSeconds()).isZero();
        assertThat(problem.retryAfter(Duration.ofMillis(1)).retryAfterSeconds()).isEqualTo(1);
        assertThat(problem.retryAfter(Duration.ofMillis(1_001)).retryAfterSeconds()).isEqualTo(2);
        assertThat(problem.retryAfter(Duration.ofSeconds(3)).retryAfterSeconds()).isEqualTo(3);
    }

    @Test
    void everyTypeHasASlugOfItsOwnAndAnErrorStatus() {
        assertThat(Arrays.stream(ProblemType.values()).map(ProblemType::slug)).doesNotHaveDuplicates()
                .allMatch(slug -> slug.matches("[a-z-]+"));
        assertThat(ProblemType.values()).allSatisfy(type -> assertThat(type.status()).isBetween(400, 599));
    }

    private static String json(Problem problem) {
        return new String(problem.toJson(), StandardCharsets.UTF_8);
    }
}
