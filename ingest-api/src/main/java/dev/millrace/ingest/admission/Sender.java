package dev.millrace.ingest.admission;

import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.TraceParent;
import org.jspecify.annotations.Nullable;

/**
 * What a request says of every event in it.
 *
 * @param client who sends it, or whose user does
 * @param player the only one whose scores it may bring, and nothing but those, where a user sends it
 * @param key its idempotency key, where it has one
 * @param trace where in a trace it was sent, where it says so
 * @param standing how the client stands to others where there is not room for all
 */
public record Sender(String client, @Nullable String player, @Nullable String key, @Nullable TraceParent trace, Priority standing) {
    /** The same with another key. */
    public Sender under(@Nullable String other) {
        return new Sender(client, player, other, trace, standing);
    }

    /** The same somewhere else in a trace. */
    public Sender at(TraceParent other) {
        return new Sender(client, player, key, other, standing);
    }
}
