package dev.millrace.ops.soak;

import dev.millrace.ops.bench.HttpConnection;
import dev.millrace.schema.event.EventIds;
import dev.millrace.schema.event.StreamId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A producer that offers numbered events to one lane over HTTP at a steady rate, whatever it is answered. */
final class Offers implements AutoCloseable {
    private static final int CONNECTIONS = 4;
    /** Events a request: what offers most for the least of the processors, which the others need. */
    private static final int AT_ONCE = 25;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final EventIds ids;
    private final String client;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong offered = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final Map<StreamId, Long> accepted = new ConcurrentSkipListMap<>();
    private volatile boolean open = true;
    private volatile @Nullable RuntimeException failure;

    private Offers(EventIds ids, String client) {
        this.ids = ids;
        this.client = client;
    }

    /** Begins to offer, from several connections. */
    static Offers start(int port, String apiKey, EventIds ids, String client, String lane, int perSecond) {
        Offers offers = new Offers(ids, client);
        for (int connection = 0; connection < CONNECTIONS; connection++) {
            offers.threads.add(Thread.ofPlatform().name("offers-" + connection)
                    .start(() -> offers.offerUntilClosed(port, apiKey, lane, perSecond / CONNECTIONS)));
        }
        return offers;
    }

    /** How many were offered so far. */
    long offered() {
        return offered.get();
    }

    /** How many were answered with 429. */
    long refused() {
        return refused.get();
    }

    /** The numbers of those that were accepted, in the order of acceptance. */
    List<Long> accepted() {
        return List.copyOf(new TreeMap<>(accepted).values());
    }

    private void offerUntilClosed(int port, String apiKey, String lane, int perSecond) {
        long start = System.nanoTime();
        try (HttpConnection connection = HttpConnection.open(port)) {
            for (long i = 0; open; i += AT_ONCE) {
                long first = offered.getAndAdd(AT_ONCE);
                String events = LongStream.range(first, first + AT_ONCE)
                        .mapToObj(number -> "{\"type\":\"" + GatedHandler.TYPE + "\",\"lane\":\"" + lane + "\",\"data\":" + number + "}")
                        .collect(Collectors.joining(",", "[", "]"));
                HttpConnection.Answer answer = connection.send(HttpConnection.post("/v1/events", apiKey, "", events));
                if (answer.status() != 200) {
                    throw new IllegalStateException("offers were answered with " + answer.status() + ": " + answer.body());
                }
                JSON.readTree(answer.body()).path("items").forEach(item -> note(first, item));
                LockSupport.parkNanos(start + (i + AT_ONCE) * TimeUnit.SECONDS.toNanos(1) / perSecond - System.nanoTime());
            }
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void note(long first, JsonNode item) {
        switch (item.path("status").intValue()) {
            case 202 -> accepted.put(ids.decode(client, item.path("id").stringValue()).orElseThrow().id(),
                    first + item.path("index").intValue());
            case 429 -> refused.incrementAndGet();
            default -> throw new IllegalStateException("an offer was answered with " + item);
        }
    }

    /** Stops, and fails if anything was answered but 202 and 429. */
    @Override
    public void close() {
        open = false;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        RuntimeException failed = failure;
        if (failed != null) {
            throw failed;
        }
    }
}
