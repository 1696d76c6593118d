package dev.millrace.ingest.json;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonMediaTypesTest {
    @Test
    void aTypeIsBareWithoutItsParameters() {
        assertThat(JsonMediaTypes.bare(" Application/JSON ; charset=UTF-8")).isEqualTo("application/json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "text/json", "Application/Vnd.Acme+JSON; v=2", "application/json;charset=utf-8"})
    void jsonIsJsonInAnyDress(String type) {
        assertThat(JsonMediaTypes.isJson(type)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "json", "application/jsonx", "+json", "/+json", "application/+json", "application/xml", "text/plain; x=+json"})
    void otherTypesAreNot(String type) {
        assertThat(JsonMediaTypes.isJson(type)).isFalse();
    }
}
