package dev.millrace.ops.soak;

import dev.millrace.ingest.admission.Admission;
import dev.millrace.ingest.admission.AdmitResult;
import dev.millrace.ops.endtoend.Installation;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.ScoreOp;
import io.lettuce.core.KeyValue;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Score events of many players at a steady pace, and how long after the moment at which each was due to be sent it can be seen on the board. A
 * stall counts against all that it delayed, whether or not the sender kept up.
 */
final class Others implements AutoCloseable {
    private static final int PLAYERS = 2_000;
    private static final int BATCH = 10;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(1);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Installation installation;
    private final String client;
    private final Admission admission;
    private final ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor();
    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final List<Future<?>> running = new ArrayList<>();
    private final Queue<Sent> sent = new ConcurrentLinkedQueue<>();
    private Histogram micros = new Histogram(3);
    private volatile boolean open = true;
    private volatile @Nullable String failure;

    /** An event on its way, and where the board says that its player is there. */
    private record Sent(String player, long achieved, long dueNanos) {}

    private Others(Installation installation, String client) {
        this.installation = installation;
        this.client = client;
        this.admission = new Admission(installation.redis, installation.namespace, installation.settings().admission(),
                new SimpleMeterRegistry(), Clock.systemUTC());
    }

    /** Begins to send, and to look. */
    static Others start(Installation installation, String client, int perSecond) {
        Others others = new Others(installation, client);
        others.running.add(others.threads.submit(() -> others.sendUntilClosed(perSecond)));
        others.running.add(others.threads.submit(others::lookUntilClosed));
        return others;
    }

    /** How long events took that were seen since this was asked before, in microseconds. */
    synchronized Histogram take() {
        Histogram taken = micros;
        micros = new Histogram(3);
        return taken;
    }

    private synchronized void record(long nanos) {
        micros.recordValue(TimeUnit.NANOSECONDS.toMicros(nanos));
    }

    private void sendUntilClosed(int perSecond) {
        SplittableRandom dice = new SplittableRandom(perSecond);
        long start = System.nanoTime();
        for (long batch = 0; open; batch++) {
            long due = start + batch * BATCH * TimeUnit.SECONDS.toNanos(1) / perSecond;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            List<Event> events = new ArrayList<>();
            for (int i = 0; i < BATCH; i++) {
                String player = "p" + dice.nextInt(PLAYERS);
                events.add(new Event(new Lane(client, player, Priority.NORMAL), ScoreOp.ADD.type(),
                        new ScoreData(player, 1, ScoreData.MAIN_BOARD, ScoreData.GLOBAL, null).toJson(), null));
            }
            senders.execute(() -> send(events, due));
        }
    }

    private void send(List<Event> events, long due) {
        List<AdmitResult> results;
        try {
            results = admission.admit(events);
        } catch (RuntimeException e) {
            failure = "events of other lanes could not be posted: " + e;
            return;
        }
        for (int i = 0; i < events.size(); i++) {
            if (results.get(i) instanceof AdmitResult.Accepted accepted) {
                long achieved = installation.namespace.eventIds().decode(client, accepted.eventId()).orElseThrow().id().packed();
                sent.add(new Sent(events.get(i).lane().name(), achieved, due));
            } else {
                failure = "an event of another lane was answered with " + results.get(i);
            }
        }
    }

    private void lookUntilClosed() {
        String board = installation.namespace.keys().boardPlayers(client, ScoreData.MAIN_BOARD, PlayerState.ALL_TIME);
        List<Sent> waiting = new ArrayList<>();
        while (open) {
            for (Sent one = sent.poll(); one != null; one = sent.poll()) {
                waiting.add(one);
            }
            if (!waiting.isEmpty()) {
                String[] players = waiting.stream().map(Sent::player).toArray(String[]::new);
                List<KeyValue<String, byte[]>> shown = installation.redis
                        .await(installation.redis.command(board, (commands, at) -> commands.hmget(at, players)));
                long now = System.nanoTime();
                List<Sent> left = new ArrayList<>();
                for (int i = 0; i < waiting.size(); i++) {
                    Sent one = waiting.get(i);
                    if (shown.get(i).hasValue() && ByteBuffer.wrap(shown.get(i).getValue()).getLong() >= one.achieved()) {
                        record(now - one.dueNanos());
                    } else {
                        left.add(one);
                    }
                }
                waiting = left;
                if (!waiting.isEmpty() && now - waiting.getFirst().dueNanos() > PATIENCE.toNanos()) {
                    failure = "an event of another lane can't be seen after " + PATIENCE;
                }
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }

    /** Stops, and fails if an event was refused or never seen. */
    @Override
    public void close() throws Exception {
        open = false;
        for (Future<?> one : running) {
            one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        senders.close();
        threads.close();
        if (failure != null) {
            throw new AssertionError(failure);
        }
    }
}
