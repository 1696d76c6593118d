package dev.millrace.ops.endtoend;

import dev.millrace.ops.testkit.workload.Door;
import dev.millrace.ops.testkit.workload.Door.Answer;
import dev.millrace.ops.testkit.workload.ScoreEvent;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.ScoreOp;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Posts an event to a lane of every partition, again and again, and measures how long each event waits for its effect. */
final class Pulse implements AutoCloseable {
    static final String CLIENT = "pulse";
    private static final Duration BEAT = Duration.ofMillis(40);

    private final Redis redis;
    private final Namespace namespace;
    private final Door door;
    private final List<Lane> lanes = new ArrayList<>();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(Thread.ofPlatform().name("pulse").factory());
    private final Future<?> beating;
    private volatile boolean open = true;
    private long sequence;

    private Pulse(Installation installation) {
        this.redis = installation.redis;
        this.namespace = installation.namespace;
        this.door = installation.admissionDoor();
        for (int partition = 0; partition < namespace.partitions().count(); partition++) {
            lanes.add(new Lane(partition, playerIn(partition)));
        }
        this.beating = thread.submit(this::beat);
    }

    /** Begins to beat, and returns once every partition has answered, and again without the slowness of the first time. */
    static Pulse start(Installation installation) {
        Pulse pulse = new Pulse(installation);
        pulse.awaitAnswers();
        pulse.forget();
        pulse.awaitAnswers();
        return pulse;
    }

    /** Waits until what has been posted up to now had its effect everywhere. */
    void awaitAnswers() {
        long now = System.nanoTime();
        Awaitility.await().atMost(Duration.ofSeconds(60)).failFast("the pulse has stopped", beating::isDone)
                .until(() -> lanes.stream().allMatch(lane -> lane.answeredSince(now)));
    }

    /** Forgets how long events have waited so far. */
    void forget() {
        lanes.forEach(Lane::forget);
    }

    /** The longest that an event of one of these partitions has waited. */
    Duration longestWait(Collection<Integer> partitions) {
        return lanes.stream().filter(lane -> partitions.contains(lane.partition)).map(Lane::longest).max(Duration::compareTo).orElseThrow();
    }

    private void beat() {
        while (open) {
            long posted = System.nanoTime();
            List<ScoreEvent> events = new ArrayList<>();
            for (Lane lane : lanes) {
                sequence++;
                events.add(new ScoreEvent(sequence, CLIENT, ScoreOp.ADD,
                        new ScoreData(lane.player, 1, ScoreData.MAIN_BOARD, ScoreData.GLOBAL, null)));
            }
            List<Answer> answers = door.post(events);
            for (int i = 0; i < answers.size(); i++) {
                if (!(answers.get(i) instanceof Answer.Accepted accepted)) {
                    throw new IllegalStateException("the pulse was not accepted: " + answers.get(i));
                }
                lanes.get(i).posted(namespace.eventIds().decode(CLIENT, accepted.eventId()).orElseThrow().id(), posted);
            }
            look();
            LockSupport.parkNanos(posted + BEAT.toNanos() - System.nanoTime());
        }
    }

    private void look() {
        List<byte @Nullable []> states = redis.mget(lanes.stream().map(lane -> namespace.keys().player(lane.partition,
                new ScoreEvent(0, CLIENT, ScoreOp.ADD, new ScoreData(lane.player, 1, ScoreData.MAIN_BOARD, ScoreData.GLOBAL, null))
                        .player()))
                .toList());
        long now = System.nanoTime();
        for (int i = 0; i < lanes.size(); i++) {
            byte @Nullable [] state = states.get(i);
            if (state != null) {
                lanes.get(i).applied(lastApplied(state), now);
            }
        }
    }

    private static StreamId lastApplied(byte[] state) {
        try {
            return PlayerState.unpack(new String(state, StandardCharsets.UTF_8)).lastApplied();
        } catch (MalformedEntryException e) {
            throw new IllegalStateException(e);
        }
    }

    private String playerIn(int partition) {
        int n = 0;
        while (namespace.partitions().of(CLIENT, "pulse-" + n) != partition) {
            n++;
        }
        return "pulse-" + n;
    }

    @Override
    public void close() {
        open = false;
        thread.shutdown();
        try {
            beating.get(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("the pulse did not go on to the end", e);
        }
    }

    /** One lane, written by the beating thread and read by the test's. */
    private static final class Lane {
        private final int partition;
        private final String player;
        private final Deque<Waiting> waiting = new ArrayDeque<>();
        private long answeredPostNanos = Long.MIN_VALUE;
        private Duration longest = Duration.ZERO;

        Lane(int partition, String player) {
            this.partition = partition;
            this.player = player;
        }

        synchronized void posted(StreamId id, long nanos) {
            waiting.add(new Waiting(id, nanos));
        }

        synchronized void applied(StreamId last, long now) {
            while (!waiting.isEmpty() && waiting.peek().id().compareTo(last) <= 0) {
                answeredPostNanos = waiting.remove().postedNanos();
                Duration waited = Duration.ofNanos(now - answeredPostNanos);
                longest = waited.compareTo(longest) > 0 ? waited : longest;
            }
        }

        synchronized boolean answeredSince(long nanos) {
            return answeredPostNanos != Long.MIN_VALUE && answeredPostNanos - nanos > 0;
        }

        synchronized void forget() {
            longest = Duration.ZERO;
        }

        synchronized Duration longest() {
            return longest;
        }

        private record Waiting(StreamId id, long postedNanos) {}
    }
}
