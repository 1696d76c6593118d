package dev.millrace.processor.effect;

import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.TraceParent;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;

/** What a try knows of its event. */
public interface HandlerContext {
    Event event();

    /** The id that producers know; the same at every try. */
    String eventId();

    /** Where in a trace its producer posted it, to go along with calls that the handler makes; empty if the producer did not say. */
    default Optional<TraceParent> trace() {
        return Optional.ofNullable(event().trace());
    }

    /** When it was accepted into its lane, by the Redis clock, to the millisecond. */
    Instant acceptedAt();

    /** Which try this is, from 1. */
    int attempt();

    /** When the try is interrupted. */
    Instant deadline();

    /** Grows with every change of owner: a receiver that keeps the highest can refuse a late sender. */
    long epoch();

    /** A logger that names the handler. */
    Logger logger();

    /**
     * Does SQL once for this event: the statements and a note of the event are one transaction, and where the note is there already, from an
     * earlier try of which nobody heard the end, nothing is done.
     *
     * @return whether it was done now
     * @throws Exception what the work throws, or if Postgres is away; nothing was done then
     */
    boolean onceInPostgres(SqlWork work) throws Exception;
}
