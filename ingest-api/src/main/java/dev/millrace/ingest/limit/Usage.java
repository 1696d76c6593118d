package dev.millrace.ingest.limit;

import java.time.Instant;

/**
 * Requests of one client to one route within a minute.
 *
 * @param minute when it began
 * @param requests all of them
 * @param limited those that were answered 429
 * @param refused those that were answered another 4xx
 * @param failed those that were answered 5xx
 */
public record Usage(Instant minute, String client, String route, long requests, long limited, long refused, long failed) {
    /** One more request, answered with this status. */
    static Usage of(Instant minute, String client, String route, int status) {
        return new Usage(minute, client, route, 1, status == 429 ? 1 : 0, status >= 400 && status < 500 && status != 429 ? 1 : 0,
                status >= 500 ? 1 : 0);
    }

    /** Both together. */
    Usage plus(Usage other) {
        return new Usage(minute, client, route, requests + other.requests, limited + other.limited, refused + other.refused,
                failed + other.failed);
    }
}
