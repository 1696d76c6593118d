package dev.millrace.schema.service;

import java.time.Duration;

/** A role, or a part of one, that runs until it is stopped. */
public interface Service {
    /** One word, as in logs and health answers. */
    String name();

    /**
     * Starts, and returns once it does its work. A second call does nothing.
     *
     * @throws RuntimeException if it can't start; whatever it had begun has been undone then
     */
    void start();

    /**
     * Stops in order: takes no more work, finishes what it has, gives back what it owns. A second call, or one before {@link #start},
     * does nothing. Never throws for a part that can't be stopped in order; such a part is cut off at the deadline.
     *
     * @param within how long it may take
     */
    void stop(Duration within);

    /** How it is, without asking anything over the network. */
    Health health();
}
