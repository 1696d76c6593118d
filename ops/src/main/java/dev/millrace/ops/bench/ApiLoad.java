package dev.millrace.ops.bench;

import dev.millrace.ops.bench.HttpConnection.Answer;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.settings.DoorSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import tools.jackson.databind.json.JsonMapper;

/** Posts scores to an API of this machine, one a request, on connections that stay open. */
final class ApiLoad implements AutoCloseable {
    private static final int ACCEPTED = 202;

    private final List<HttpConnection> connections = new ArrayList<>();
    private final String apiKey;

    private ApiLoad(String apiKey) {
        this.apiKey = apiKey;
    }

    /** Connects, and makes the client whose events are posted. */
    static ApiLoad open(int port, DoorSettings door, int connections) {
        String body = "{\"id\":\"" + Load.CLIENT + "\",\"name\":\"Benchmark\"}";
        String apiKey;
        try (HttpConnection admin = HttpConnection.open(port)) {
            Answer created = admin.send(HttpConnection.post("/v1/clients", door.adminKey(), "", body));
            if (created.status() != 201) {
                throw new IllegalStateException("the API made no client: " + created);
            }
            apiKey = JsonMapper.builder().build().readTree(created.body()).get("apiKey").asString();
        }
        ApiLoad load = new ApiLoad(apiKey);
        for (int i = 0; i < connections; i++) {
            load.connections.add(HttpConnection.open(port));
        }
        return load;
    }

    /** The requests that post these events, each with its id as the idempotency key. */
    List<byte[]> requests(List<Event> events) {
        return events.stream().map(this::request).toList();
    }

    private byte[] request(Event event) {
        try {
            ScoreData score = ScoreData.parse(event.data());
            return HttpConnection.post("/v1/scores", apiKey, "Idempotency-Key: " + event.producerId() + "\r\n",
                    "{\"player\":\"" + score.player() + "\",\"region\":\"" + score.region() + "\",\"add\":" + score.value() + '}');
        } catch (MalformedEntryException e) {
            throw new IllegalStateException("our own event does not read", e);
        }
    }

    /**
     * Posts as fast as the API answers, one request at a time on each connection, and returns how long all took, in nanoseconds.
     *
     * @param micros takes what each request took
     */
    long asFastAsItGoes(List<byte[]> requests, Histogram micros) throws InterruptedException {
        return Callers.run(connections.size(), requests.size(), (caller, call) -> {
            long start = System.nanoTime();
            post(connections.get(caller), requests.get(call));
            micros.recordValue(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start));
        });
    }

    /**
     * Posts at a steady pace, on whichever connection is free.
     *
     * @param micros takes how long after it was due each request was answered
     */
    void steadily(List<byte[]> requests, double perSecond, Histogram micros) throws InterruptedException {
        Pace pace = Pace.fromNow(perSecond);
        Callers.run(connections.size(), requests.size(), (caller, call) -> {
            pace.await(call);
            post(connections.get(caller), requests.get(call));
            micros.recordValue(pace.microsSince(call));
        });
    }

    private static void post(HttpConnection connection, byte[] request) {
        Answer answer = connection.send(request);
        if (answer.status() != ACCEPTED) {
            throw new MismatchException("a score was not accepted: " + answer);
        }
    }

    @Override
    public void close() {
        connections.forEach(HttpConnection::close);
    }
}
