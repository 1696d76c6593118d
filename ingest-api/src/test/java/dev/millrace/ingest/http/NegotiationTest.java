package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NegotiationTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "*/*", "application/json", "Application/JSON", "application/*", "text/html, application/json;q=0.1",
            "text/html,*/*;q=0.8", "application/json; charset=utf-8", "*/*;q=0, application/json"})
    void jsonIsAccepted(String accept) {
        assertThat(Negotiation.accepts(accept, "application/json")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/html", "application/xml", "text/*", "application/json;q=0", "application/json;q=0.000, */*",
            "application/problem+json", "json"})
    void jsonIsNotAccepted(String accept) {
        assertThat(Negotiation.accepts(accept, "application/json")).isFalse();
    }

    @Test
    void noHeaderAcceptsEverything() {
        assertThat(Negotiation.accepts(null, "application/yaml")).isTrue();
    }
}
