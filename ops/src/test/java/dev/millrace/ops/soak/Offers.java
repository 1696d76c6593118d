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
import org.jspecify.annotations.Nullable;

/** A producer that offers numbered events to one lane over HTTP at a steady rate, whatever it is answered. */
final class Offers implements AutoCloseable {
    /** So many that the rate is kept where one answer takes several ms. */
    private static final int CONNECTIONS = 16;
    private static final String ID = "\"id\":\"";

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
            for (long i = 0; open; i++) {
                long number = offered.incrementAndGet();
                HttpConnection.Answer answer = connection.send(HttpConnection.post("/v1/events", apiKey, "",
                        "{\"type\":\"" + GatedHandler.TYPE + "\",\"lane\":\"" + lane + "\",\"data\":" + number + "}"));
                switch (answer.status()) {
                    case 202 -> accepted.put(id(answer.body()), number);
                    case 429 -> refused.incrementAndGet();
                    default -> throw new IllegalStateException("an offer was answered with " + answer.status() + ": " + answer.body());
                }
                LockSupport.parkNanos(start + (i + 1) * TimeUnit.SECONDS.toNanos(1) / perSecond - System.nanoTime());
            }
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private StreamId id(String body) {
        int from = body.indexOf(ID) + ID.length();
        return ids.decode(client, body.substring(from, body.indexOf('"', from))).orElseThrow().id();
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
