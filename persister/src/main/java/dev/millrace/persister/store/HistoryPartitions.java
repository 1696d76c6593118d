package dev.millrace.persister.store;

import dev.millrace.schema.jooq.Routines;
import java.time.Duration;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the histories' daily partitions ahead of time. Where one is missing all the same, rows fall into the default partition and move when
 * it is made, so being late costs time and nothing else.
 */
public final class HistoryPartitions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HistoryPartitions.class);
    private static final Duration EVERY = Duration.ofHours(1);
    private static final Duration STOP = Duration.ofSeconds(2);

    private final Database database;
    private final int daysAhead;
    private @Nullable Thread loop;

    /**
     * Makes the loop; {@link #start} begins it.
     *
     * @param daysAhead for how many days after today
     */
    public HistoryPartitions(Database database, int daysAhead) {
        this.database = database;
        this.daysAhead = daysAhead;
    }

    /**
     * Makes what is missing, and returns how many partitions it made.
     *
     * @throws StoreUnavailableException if Postgres can't do it now
     * @throws PoisonBatchException if it never can
     */
    public int runOnce() {
        try {
            int made = Routines.ensureHistoryPartitions(database.sql().configuration(), daysAhead);
            if (made > 0) {
                LOG.info("made {} history partitions, up to {} days ahead", made, daysAhead);
            }
            return made;
        } catch (DataAccessException e) {
            throw Database.judged(e);
        }
    }

    /** Begins to make them every hour. */
    public synchronized void start() {
        if (loop == null) {
            loop = Thread.ofVirtual().name("history-partitions").start(this::runUntilClosed);
        }
    }

    private void runUntilClosed() {
        while (true) {
            try {
                Thread.sleep(EVERY);
                runOnce();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.warn("history partitions were not made, the next try is in {} minutes: {}", EVERY.toMinutes(), e.getMessage());
            }
        }
    }

    @Override
    public synchronized void close() {
        if (loop != null) {
            loop.interrupt();
            try {
                loop.join(STOP);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            loop = null;
        }
    }
}
