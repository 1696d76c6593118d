package dev.millrace.ingest.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.ingest.read.DeadLetterCursor;
import dev.millrace.ingest.read.DeadLetterFilter;
import dev.millrace.ingest.read.DeadLetters;
import dev.millrace.ingest.read.FoundLetter;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Redrives the dead letters that a filter means, the oldest of each lane first, at a bounded rate. Where a lane is full, its letters stay, all
 * of them, so that none overtakes another.
 */
public final class BulkRedrive {
    /** How long one call may take; what is left is for the next one. */
    private static final Duration LONGEST = Duration.ofSeconds(20);
    private static final int PAGE = 100;
    /** Letters of a call that are named though they could not be redriven; more are counted only. */
    private static final int REFUSED_MAX = 100;

    private final DeadLetters letters;
    private final Redrive redrive;

    public BulkRedrive(DeadLetters letters, Redrive redrive) {
        this.letters = letters;
        this.redrive = redrive;
    }

    /**
     * What is asked for.
     *
     * @param from where to begin
     * @param limit how many may be redriven at most
     * @param perSecond how fast at most
     * @param dryRun whether nothing is to be done
     */
    public record Order(DeadLetterFilter filter, DeadLetterCursor from, int limit, int perSecond, boolean dryRun) {}

    /**
     * What was done.
     *
     * @param matched letters that the filter means, as far as this call came and they were still there
     * @param redriven how many of them
     * @param items those that were redriven, or would be, and some of those that could not be
     * @param next where to go on, null if nothing is left; before the first letter that could not be redriven, if one could not be
     */
    public record Done(boolean dryRun, int matched, int redriven, List<Item> items, @Nullable String next) {}

    /**
     * One letter.
     *
     * @param result {@code redriven}, {@code matched} in a dry run, or why it stays: {@code lane-full}, {@code client-full},
     *     {@code queue-full}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Item(String id, @Nullable String lane, String result) {}

    /**
     * Does it.
     *
     * @param who does it
     * @throws RedisUnavailableException if Redis can't be asked; some may have been redriven
     */
    public Done run(Order order, String who) {
        return new Walk(order, who).run();
    }

    /** One call under way. */
    private final class Walk {
        private final Order order;
        private final String who;
        private final long startNanos = System.nanoTime();
        private final List<Item> items = new ArrayList<>();
        private final Set<String> seen = new HashSet<>();
        private final Set<Lane> full = new HashSet<>();
        private Optional<DeadLetterCursor> refusedFrom = Optional.empty();
        private int matched;
        private int redriven;
        private int refused;

        Walk(Order order, String who) {
            this.order = order;
            this.who = who;
        }

        Done run() {
            Optional<DeadLetterCursor> at = Optional.of(order.from());
            while (at.isPresent() && items.size() - refused < order.limit() && !isOver()) {
                DeadLetters.Stretch stretch = letters.list(order.filter(), at.get(),
                        Math.min(PAGE, order.limit() - items.size() + refused));
                at = stretch.next();
                for (FoundLetter letter : stretch.letters()) {
                    if (isOver()) {
                        at = Optional.of(DeadLetterCursor.before(letter));
                        break;
                    }
                    // What was redriven and has died again already is for another call.
                    if (seen.add(letter.eventId())) {
                        take(letter);
                    }
                }
            }
            // What could not be redriven comes first then, or else what is behind it in its lane would overtake it.
            Optional<DeadLetterCursor> next = refusedFrom.isPresent() ? refusedFrom : at;
            return new Done(order.dryRun(), matched, redriven, items, next.map(DeadLetterCursor::encode).orElse(null));
        }

        private void take(FoundLetter letter) {
            matched++;
            @Nullable Lane lane = letter.lane().orElse(null);
            if (order.dryRun()) {
                items.add(new Item(letter.eventId(), name(lane), "matched"));
            } else if (lane == null || !full.contains(lane)) {
                pace();
                Redrive.Result result = redrive.redrive(letter, null, who);
                switch (result) {
                    case REDRIVEN -> {
                        redriven++;
                        items.add(new Item(letter.eventId(), name(lane), result.word()));
                    }
                    case GONE -> matched--;
                    case LANE_FULL, CLIENT_FULL, QUEUE_FULL -> refuse(letter, lane, result);
                }
            }
        }

        private void refuse(FoundLetter letter, @Nullable Lane lane, Redrive.Result why) {
            if (lane != null) {
                full.add(lane);
            }
            if (refusedFrom.isEmpty()) {
                refusedFrom = Optional.of(DeadLetterCursor.before(letter));
            }
            if (refused < REFUSED_MAX) {
                refused++;
                items.add(new Item(letter.eventId(), name(lane), why.word()));
            }
        }

        /** Waits until one more is due. */
        private void pace() {
            long dueNanos = startNanos + TimeUnit.SECONDS.toNanos(redriven) / order.perSecond();
            for (long left = dueNanos - System.nanoTime(); left > 0 && !Thread.currentThread().isInterrupted(); left = dueNanos
                    - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }

        private boolean isOver() {
            return System.nanoTime() - startNanos > LONGEST.toNanos();
        }

        private static @Nullable String name(@Nullable Lane lane) {
            return lane == null ? null : lane.name();
        }
    }
}
