package dev.millrace.ingest.http;

import dev.millrace.ingest.RunningApi;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A reader of Server-Sent Events. */
final class EventStream implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 30;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpClient http = HttpClient.newHttpClient();
    private final HttpResponse<InputStream> response;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Map<String, String> fields = new HashMap<>();
    private volatile String retry = "";
    private volatile boolean commented;
    private volatile boolean ended;

    private EventStream(HttpRequest request) {
        try {
            this.response = http.send(request, BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        Thread.ofVirtual().start(this::read);
    }

    record Event(String id, String kind, JsonNode data) {
        List<String> players() {
            return data.path("entries").valueStream().map(entry -> entry.path("player").stringValue()).toList();
        }
    }

    /** Asks for a stream as the client {@code acme}. */
    static EventStream open(RunningApi api, String path) {
        return new EventStream(api.request(path, api.key()).build());
    }

    static EventStream open(HttpRequest request) {
        return new EventStream(request);
    }

    private void read() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int colon = line.indexOf(':');
                if (colon == 0) {
                    commented = true;
                } else if (colon > 0) {
                    fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
                } else if (line.isEmpty()) {
                    dispatch();
                }
            }
            ended = true;
        } catch (IOException e) {
            ended = true;
        }
    }

    private void dispatch() {
        retry = fields.getOrDefault("retry", retry);
        if (fields.containsKey("data")) {
            events.add(new Event(fields.get("id"), fields.get("event"), JSON.readTree(fields.get("data"))));
        }
        fields.clear();
    }

    int status() {
        return response.statusCode();
    }

    String header(String name) {
        return response.headers().firstValue(name).orElse("");
    }

    String retry() {
        return retry;
    }

    /** Whether a comment came, which is a sign of life. */
    boolean commented() {
        return commented;
    }

    /** Whether it came to its end. */
    boolean ended() {
        return ended;
    }

    Event next() {
        try {
            Event event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (event == null) {
                throw new AssertionError("no event came");
            }
            return event;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** All events up to one. */
    List<Event> until(Predicate<Event> last) {
        List<Event> all = new ArrayList<>();
        do {
            all.add(next());
        } while (!last.test(all.getLast()));
        return all;
    }

    /** What came and was not asked for yet. */
    int waiting() {
        return events.size();
    }

    @Override
    public void close() {
        try {
            response.body().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        http.shutdownNow();
    }
}
