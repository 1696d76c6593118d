package dev.millrace.ingest.http;

import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.Problem.Outcome;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory large bodies that are read whole may take together. Each takes room as it arrives and until it is done with, so that one that is
 * announced and does not come keeps nobody out; those for which there is none are refused, which ends them rather than the process.
 */
final class BodyRoom {
    /** A body is held as it came, once more while its buffer grows, and as text. */
    static final int WEIGHT = 4;
    private static final int SHARE_OF_HEAP = 2;
    private static final Duration SOON = Duration.ofSeconds(1);

    private final long max;
    private final AtomicLong taken = new AtomicLong();

    /**
     * @param max in bytes of memory
     */
    BodyRoom(long max) {
        this.max = max;
    }

    /** Half of the heap, though at least what the largest body takes. */
    static BodyRoom ofHeap(long largestBody) {
        return new BodyRoom(Math.max(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP, WEIGHT * largestBody));
    }

    /** A place for one body, which takes nothing yet. */
    Place place() {
        return new Place();
    }

    /** The place of one body; closing gives its room back. For one thread. */
    final class Place implements AutoCloseable {
        private long mine;

        private Place() {}

        /**
         * Makes room for a body that has become this long.
         *
         * @throws ProblemException if there is none
         */
        void fit(long bytes) {
            long more = WEIGHT * bytes - mine;
            if (more <= 0) {
                return;
            }
            if (taken.addAndGet(more) > max) {
                taken.addAndGet(-more);
                throw new ProblemException(Problem.of(ProblemType.UNAVAILABLE, "Too many large bodies are on their way.").retryAfter(SOON)
                        .outcome(Outcome.NOT_APPENDED));
            }
            mine += more;
        }

        @Override
        public void close() {
            taken.addAndGet(-mine);
            mine = 0;
        }
    }
}
