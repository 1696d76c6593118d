package dev.millrace.ops.testkit.workload;

import dev.millrace.ops.testkit.workload.Door.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends a workload from several senders at a steady rate. Every lane belongs to one sender, which sends its next event only when it knows what
 * became of the one before: an answer that is missing or says "not now" is followed by the same event under the same id.
 */
public final class Load implements AutoCloseable {
    private final Door door;
    private final Journal journal;
    private final Options options;
    private final long startNanos = System.nanoTime();
    private final ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<?>> sending = new ArrayList<>();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong longestNanos = new AtomicLong();
    private volatile boolean open = true;
    private volatile boolean finishing;

    /**
     * How a load is sent.
     *
     * @param senders how many send side by side
     * @param batch events that a sender posts at once
     * @param perSecond events of all senders together, at most
     * @param again how long a sender waits before it tries an event again
     */
    public record Options(int senders, int batch, int perSecond, Duration again) {
        public static Options of(int senders, int batch, int perSecond) {
            return new Options(senders, batch, perSecond, Duration.ofMillis(50));
        }
    }

    private Load(Door door, Journal journal, Options options) {
        this.door = door;
        this.journal = journal;
        this.options = options;
    }

    /** Begins to send; {@link #await} waits for the end. */
    public static Load start(List<ScoreEvent> events, Door door, Journal journal, Options options) {
        Load load = new Load(door, journal, options);
        for (int sender = 0; sender < options.senders(); sender++) {
            int mine = sender;
            List<ScoreEvent> share = events.stream()
                    .filter(event -> Math.floorMod(event.data().player().hashCode(), options.senders()) == mine).toList();
            load.sending.add(load.senders.submit(() -> load.send(share)));
        }
        return load;
    }

    /** Lets every sender end once it knows what became of the events that it has sent. */
    public void finish() {
        finishing = true;
    }

    /** How many events are known to be accepted so far. */
    public long accepted() {
        return accepted.get();
    }

    /** The longest time that one post has taken so far. */
    public Duration longestAnswer() {
        return Duration.ofNanos(longestNanos.get());
    }

    /** Forgets the longest time. */
    public void forgetLongest() {
        longestNanos.set(0);
    }

    public boolean isDone() {
        return sending.stream().allMatch(Future::isDone);
    }

    /**
     * Waits until every event was sent and its outcome known.
     *
     * @throws AssertionError if that takes longer, or an event was refused for good
     */
    public void await(Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        for (Future<?> one : sending) {
            try {
                one.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                throw new AssertionError("the load was not taken within " + atMost + ": " + journal, e);
            } catch (ExecutionException e) {
                throw new AssertionError("the load ended early: " + e.getCause().getMessage(), e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
    }

    private void send(List<ScoreEvent> events) {
        long nanosEach = TimeUnit.SECONDS.toNanos(1) * options.senders() / options.perSecond();
        for (int from = 0; from < events.size() && open && !finishing; from += options.batch()) {
            LockSupport.parkNanos(startNanos + from * nanosEach - System.nanoTime());
            sendUntilKnown(events.subList(from, Math.min(events.size(), from + options.batch())));
        }
    }

    private void sendUntilKnown(List<ScoreEvent> batch) {
        List<ScoreEvent> left = batch;
        while (!left.isEmpty()) {
            long start = System.nanoTime();
            List<Answer> answers = door.post(left);
            longestNanos.accumulateAndGet(System.nanoTime() - start, Math::max);
            List<ScoreEvent> again = new ArrayList<>();
            for (int i = 0; i < left.size(); i++) {
                journal.note(left.get(i), answers.get(i));
                switch (answers.get(i)) {
                    case Answer.Accepted _ -> accepted.incrementAndGet();
                    case Answer.Refused refused -> throw new IllegalStateException(left.get(i) + " was refused: " + refused.why());
                    case Answer.Unknown _,Answer.NotNow _ -> again.add(left.get(i));
                }
            }
            if (!again.isEmpty()) {
                if (!open) {
                    return;
                }
                LockSupport.parkNanos(options.again().toNanos());
            }
            left = again;
        }
    }

    /** Ends it where it is. */
    @Override
    public void close() {
        open = false;
        senders.close();
    }
}
