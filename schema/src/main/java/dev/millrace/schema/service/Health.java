package dev.millrace.schema.service;

import java.util.Map;

/**
 * How a service is: a value, not a callback.
 *
 * @param status whether it can do its work now
 * @param details what a person wants to know, in a fixed order
 */
public record Health(Status status, Map<String, Object> details) {
    /** Whether work can be done. */
    public enum Status {
        /** All is well. */
        UP,
        /** Work goes on, but something wants attention. */
        DEGRADED,
        /** No work can be done now. */
        DOWN
    }

    public static Health up(Map<String, Object> details) {
        return new Health(Status.UP, details);
    }

    public static Health down(String why) {
        return new Health(Status.DOWN, Map.of("why", why));
    }

    public boolean ready() {
        return status != Status.DOWN;
    }
}
