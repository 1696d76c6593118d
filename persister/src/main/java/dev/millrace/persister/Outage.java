package dev.millrace.persister;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether Postgres takes what it is given, since when not, and why; says so in the log once when it begins and once when it ends. */
final class Outage {
    private static final Logger LOG = LoggerFactory.getLogger(Outage.class);

    private @Nullable String why;
    private long sinceNanos;
    private long lastSuccessNanos;
    private boolean everSucceeded;

    synchronized void failed(String reason) {
        if (why == null) {
            sinceNanos = System.nanoTime();
            LOG.warn("{}; trying until it does", reason);
        }
        why = reason;
    }

    synchronized void succeeded() {
        if (why != null) {
            LOG.info("Postgres does it again, after {} ms", (System.nanoTime() - sinceNanos) / 1_000_000);
        }
        why = null;
        everSucceeded = true;
        lastSuccessNanos = System.nanoTime();
    }

    /** What keeps Postgres from taking anything now; empty while it does. */
    synchronized Optional<String> reason() {
        return Optional.ofNullable(why);
    }

    /** How long it has lasted; zero while there is none. */
    synchronized Duration lasting() {
        return why == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - sinceNanos);
    }

    /** How long ago something was written last; empty if nothing ever was. */
    synchronized Optional<Duration> sinceLastSuccess() {
        return everSucceeded ? Optional.of(Duration.ofNanos(System.nanoTime() - lastSuccessNanos)) : Optional.empty();
    }
}
