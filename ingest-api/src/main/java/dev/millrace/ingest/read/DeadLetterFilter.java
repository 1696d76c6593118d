package dev.millrace.ingest.read;

import dev.millrace.schema.redis.Args;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters are meant: those that are everything that is said here.
 *
 * @param client whose they are; null for all clients'
 * @param type of their events
 * @param lane of their events
 * @param reason a part of why they were given up
 * @param diedFrom when they died at the earliest
 * @param diedBefore before when they died
 */
public record DeadLetterFilter(@Nullable String client, @Nullable String type, @Nullable String lane, @Nullable String reason,
        @Nullable Instant diedFrom, @Nullable Instant diedBefore) {
    /** As {@code dead-letters.lua} takes it. */
    Args addTo(Args args) {
        return args.add(orNothing(client)).add(orNothing(type)).add(orNothing(lane)).add(orNothing(reason)).add(orNothing(diedFrom))
                .add(orNothing(diedBefore));
    }

    private static String orNothing(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static String orNothing(@Nullable Instant time) {
        return time == null ? "" : Long.toString(time.toEpochMilli());
    }
}
