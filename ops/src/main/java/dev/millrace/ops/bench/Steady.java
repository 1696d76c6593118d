package dev.millrace.ops.bench;

import dev.millrace.ingest.admission.Admission;
import dev.millrace.ingest.admission.AdmitResult.Accepted;
import dev.millrace.ops.bench.store.PlainPostgres;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.ScoreData;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Events at a steady pace, and when each of them can be seen on the board and in Postgres by someone who looks again and again. Time runs from
 * the moment at which an event was due to be sent, whether or not the sender kept up, so that a stall counts against all that it delayed.
 */
record Steady(Workspace workspace, PlainPostgres books, int perSecond) {
    private static final long LOOK_AGAIN_MICROS = 400;
    private static final long LOOK_AGAIN_IN_POSTGRES_MICROS = 2_000;
    /** Of so many events one is looked for in Postgres, because looking costs Postgres as much as writing does. */
    private static final int ONE_IN_POSTGRES = 10;
    private static final long PATIENCE_SECONDS = 30;
    /** Clocks of Redis and of this machine may differ a little. */
    private static final long LEEWAY_SECONDS = 600;

    /** Sends the events and waits until all have been seen in both places. */
    List<Figure> run(List<Event> events) throws InterruptedException {
        Admission admission = workspace.admission();
        Watch board = new Watch("events on the board", events.size(), LOOK_AGAIN_MICROS);
        Instant since = Instant.now().minusSeconds(LEEWAY_SECONDS);
        Watch postgres = new Watch("events in Postgres", Math.ceilDiv(events.size(), ONE_IN_POSTGRES), LOOK_AGAIN_IN_POSTGRES_MICROS);
        Thread boardWatcher = Thread.ofVirtual().name("board-watcher").start(() -> board.run(this::onBoard));
        Thread postgresWatcher = Thread.ofVirtual().name("postgres-watcher").start(() -> postgres.run(sent -> inPostgres(sent, since)));
        Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
        List<Thread> senders = new ArrayList<>(events.size());
        try {
            Pace pace = Pace.fromNow(perSecond);
            for (int i = 0; i < events.size(); i++) {
                Event event = events.get(i);
                long due = pace.due(i);
                boolean alsoInPostgres = i % ONE_IN_POSTGRES == 0;
                pace.await(i);
                senders.add(Thread.ofVirtual().name("steady-" + i).start(() -> {
                    try {
                        Sent sent = send(admission, event, due);
                        board.add(sent);
                        if (alsoInPostgres) {
                            postgres.add(sent);
                        }
                    } catch (RuntimeException e) {
                        failures.add(e);
                    }
                }));
            }
            for (Thread sender : senders) {
                sender.join();
            }
            RuntimeException failure = failures.peek();
            if (failure != null) {
                throw failure;
            }
            boardWatcher.join();
            postgresWatcher.join();
        } finally {
            boardWatcher.interrupt();
            postgresWatcher.interrupt();
        }
        String pace = String.format(" at %,d/s, ", perSecond);
        return List.of(Figure.millis("end-to-end: accepted → board" + pace + "p50", board.millis(50)).towards(Goal.BOARD_MEDIAN),
                Figure.millis("end-to-end: accepted → board" + pace + "p99", board.millis(99)).towards(Goal.BOARD_TAIL),
                Figure.millis("end-to-end: accepted → Postgres" + pace + "p50", postgres.millis(50)),
                Figure.millis("end-to-end: accepted → Postgres" + pace + "p99", postgres.millis(99)));
    }

    private Sent send(Admission admission, Event event, long due) {
        if (!(admission.admit(event) instanceof Accepted accepted)) {
            throw new MismatchException("an event was not accepted at " + perSecond + " a second");
        }
        EventRef ref = workspace.namespace().eventIds().decode(event.lane().client(), accepted.eventId()).orElseThrow();
        return new Sent(event.lane().name(), accepted.eventId(), ref.id().packed(), due);
    }

    /** Every event changes its player's score, so that a board which shows one as late as this, or a later one, has it. */
    private List<Sent> onBoard(List<Sent> sent) {
        List<OptionalLong> achieved = workspace.plain().achieved(
                workspace.namespace().keys().boardPlayers(Load.CLIENT, ScoreData.MAIN_BOARD, PlayerState.ALL_TIME),
                sent.stream().map(Sent::player).toList());
        List<Sent> seen = new ArrayList<>();
        for (int i = 0; i < sent.size(); i++) {
            if (achieved.get(i).isPresent() && achieved.get(i).getAsLong() >= sent.get(i).packedId()) {
                seen.add(sent.get(i));
            }
        }
        return seen;
    }

    private List<Sent> inPostgres(List<Sent> sent, Instant since) {
        Set<String> present = books.present(sent.stream().map(Sent::eventId).toList(), since);
        return sent.stream().filter(event -> present.contains(event.eventId())).toList();
    }

    /**
     * An event on its way.
     *
     * @param due when it was to be sent, by {@link System#nanoTime()}
     */
    private record Sent(String player, String eventId, long packedId, long due) {}

    /** Which of these can be seen now. */
    @FunctionalInterface
    private interface Look {
        List<Sent> seen(List<Sent> sent);
    }

    /** Looks for events until it has seen all of them. */
    private static final class Watch {
        private final String what;
        private final int all;
        private final long againMicros;
        private final Queue<Sent> added = new ConcurrentLinkedQueue<>();
        private final Histogram micros = new Histogram(3);
        private volatile @Nullable RuntimeException failure;

        Watch(String what, int all, long againMicros) {
            this.what = what;
            this.all = all;
            this.againMicros = againMicros;
        }

        void add(Sent sent) {
            added.add(sent);
        }

        void run(Look look) {
            List<Sent> waiting = new ArrayList<>();
            long moved = System.nanoTime();
            try {
                while (micros.getTotalCount() < all && System.nanoTime() - moved < TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
                    for (Sent sent = added.poll(); sent != null; sent = added.poll()) {
                        waiting.add(sent);
                    }
                    if (!waiting.isEmpty()) {
                        List<Sent> seen = look.seen(waiting);
                        long now = System.nanoTime();
                        seen.forEach(sent -> micros.recordValue(TimeUnit.NANOSECONDS.toMicros(Math.max(0, now - sent.due()))));
                        waiting.removeAll(Set.copyOf(seen));
                        moved = seen.isEmpty() ? moved : now;
                    }
                    TimeUnit.MICROSECONDS.sleep(againMicros);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                failure = e;
            }
        }

        double millis(double percentile) {
            RuntimeException failed = failure;
            if (failed != null) {
                throw failed;
            }
            if (micros.getTotalCount() < all) {
                throw new MismatchException(what + ": " + micros.getTotalCount() + " of " + all + ", and no more for a while");
            }
            return micros.getValueAtPercentile(percentile) / 1_000.0;
        }
    }
}
