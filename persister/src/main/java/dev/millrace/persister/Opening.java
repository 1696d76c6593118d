package dev.millrace.persister;

import dev.millrace.persister.store.HistoryPartitions;
import dev.millrace.persister.store.Migrations;
import dev.millrace.persister.store.StoreUnavailableException;
import dev.millrace.processor.engine.Engine;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the books: brings the tables up to date, and only then lets the engine read. Where Postgres is away, it waits for it. */
final class Opening implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Opening.class);
    private static final Duration AGAIN = Duration.ofMillis(500);
    private static final Duration STOP = Duration.ofSeconds(2);

    private final Migrations migrations;
    private final HistoryPartitions partitions;
    private final Engine engine;
    private final CompletableFuture<Void> firstTry = new CompletableFuture<>();
    private final Object gate = new Object();
    private boolean closed;
    private volatile @Nullable String waitingFor = "the tables to be brought up to date";
    private @Nullable Thread loop;

    Opening(Migrations migrations, HistoryPartitions partitions, Engine engine) {
        this.migrations = migrations;
        this.partitions = partitions;
        this.engine = engine;
    }

    /** Begins, apart from the caller. */
    synchronized void start() {
        loop = Thread.ofVirtual().name("open-books").start(this::run);
    }

    /**
     * Waits until the books are open, or Postgres was found to be away, or this was closed.
     *
     * @throws RuntimeException if Postgres is there and can't be used; it is not tried again then
     */
    void awaitFirstTry() {
        try {
            firstTry.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while the books were opened");
        }
    }

    /** What keeps the books closed; empty once they are open. */
    Optional<String> waitingFor() {
        return Optional.ofNullable(waitingFor);
    }

    private void run() {
        boolean open;
        try {
            open = runOnce();
        } catch (RuntimeException e) {
            firstTry.completeExceptionally(e);
            return;
        }
        if (!open) {
            LOG.warn("{}; waiting for it", waitingFor);
        }
        firstTry.complete(null);
        while (!open) {
            try {
                Thread.sleep(AGAIN);
                open = runOnce();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                complain(e);
            }
        }
    }

    /** One try; whether the books are open now, or never will be. */
    private boolean runOnce() {
        try {
            int applied = migrations.run();
            if (applied > 0) {
                LOG.info("applied {} migrations", applied);
            }
            partitions.runOnce();
        } catch (StoreUnavailableException e) {
            waitingFor = String.valueOf(e.getMessage());
            return false;
        }
        synchronized (gate) {
            if (!closed) {
                partitions.start();
                engine.start();
                waitingFor = null;
                LOG.info("the books are open");
            }
        }
        return true;
    }

    private void complain(RuntimeException failure) {
        String why = String.valueOf(failure.getMessage());
        if (!why.equals(waitingFor)) {
            LOG.error("the books can't be opened, trying on: {}", why, failure);
        }
        waitingFor = why;
    }

    /** After this the books are not opened any more; if they are, they stay so. */
    @Override
    public synchronized void close() {
        synchronized (gate) {
            closed = true;
        }
        firstTry.complete(null);
        if (loop != null) {
            loop.interrupt();
            try {
                loop.join(STOP);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
