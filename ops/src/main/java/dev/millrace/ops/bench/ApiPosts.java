package dev.millrace.ops.bench;

import dev.millrace.ops.bench.HttpConnection.Answer;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.settings.DoorSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;

/**
 * Requests that post events of one client.
 *
 * @param apiKey the client's
 */
record ApiPosts(String apiKey) {
    /** Events in a request that brings many. */
    static final int LINES = 500;

    /** Makes the client whose events are posted. */
    static ApiPosts of(int port, DoorSettings door) {
        String body = "{\"id\":\"" + Load.CLIENT + "\",\"name\":\"Benchmark\"}";
        try (HttpConnection admin = HttpConnection.open(port)) {
            Answer created = admin.send(HttpConnection.post("/v1/clients", door.adminKey(), "", body));
            if (created.status() != 201) {
                throw new IllegalStateException("the API made no client: " + created);
            }
            return new ApiPosts(JsonMapper.builder().build().readTree(created.body()).get("apiKey").asString());
        }
    }

    /**
     * Fails unless the API does all that is measured: knows its callers, counts them, reads what they send and knows a post again.
     *
     * @param event which is posted, twice
     */
    void requireChecks(int port, Event event) {
        byte[] request = single(event);
        try (HttpConnection connection = HttpConnection.open(port)) {
            require("a key that is nobody's", 401, connection.send(new ApiPosts(apiKey.toUpperCase(Locale.ROOT)).single(event)));
            require("a score that is none", 422, connection.send(score("{\"player\":\"p\",\"add\":\"1\"}", "none")));
            Answer first = connection.send(request);
            require("a score", 202, first);
            if (!first.head().contains("\nratelimit:")) {
                throw new MismatchException("no limit applies: " + first);
            }
            Answer again = connection.send(request);
            require("the same score again", 202, again);
            if (!again.head().contains("\nidempotency-replayed: true")) {
                throw new MismatchException("a score was taken twice: " + again);
            }
        }
    }

    private static void require(String what, int status, Answer answer) {
        if (answer.status() != status) {
            throw new MismatchException(what + " was answered by " + answer);
        }
    }

    /** Requests of one event each, its id as the idempotency key. */
    List<byte[]> singles(List<Event> events) {
        return events.stream().map(this::single).toList();
    }

    private byte[] single(Event event) {
        ScoreData score = data(event);
        return score("{\"player\":\"" + score.player() + "\",\"region\":\"" + score.region() + "\",\"add\":" + score.value() + '}',
                String.valueOf(event.producerId()));
    }

    private byte[] score(String json, String key) {
        return HttpConnection.post("/v1/scores", apiKey, "Idempotency-Key: " + key + "\r\n", json);
    }

    /** Requests of {@value #LINES} lines of NDJSON, each with the event's id where it has one. */
    List<byte[]> bulks(List<Event> events) {
        List<byte[]> requests = new ArrayList<>();
        for (int from = 0; from < events.size(); from += LINES) {
            StringBuilder lines = new StringBuilder(LINES * 128);
            for (Event event : events.subList(from, Math.min(events.size(), from + LINES))) {
                lines.append(line(event)).append('\n');
            }
            requests.add(HttpConnection.post("/v1/events", "application/x-ndjson", apiKey, "", lines.toString()));
        }
        return requests;
    }

    private static String line(Event event) {
        ScoreData score = data(event);
        String id = event.producerId() == null ? "" : "\"id\":\"" + event.producerId() + "\",";
        return "{\"type\":\"" + event.type() + "\"," + id + "\"data\":{\"player\":\"" + score.player() + "\",\"value\":" + score.value()
                + ",\"region\":\"" + score.region() + "\"}}";
    }

    private static ScoreData data(Event event) {
        try {
            return ScoreData.parse(event.data());
        } catch (MalformedEntryException e) {
            throw new IllegalStateException("our own event does not read", e);
        }
    }
}
