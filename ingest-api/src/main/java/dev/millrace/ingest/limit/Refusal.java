package dev.millrace.ingest.limit;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Requests, or items of requests that bring many, that were refused for one reason, within a second or so.
 *
 * @param at when they were written down
 * @param why name of the limit, or of the bound that was reached, such as {@code queue-full}
 * @param client whose requests; null where that was not known yet
 * @param user who sent them, where a person did
 * @param address where they came from
 * @param route what they called
 * @param count how many there were
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Refusal(Instant at, String why, @Nullable String client, @Nullable String user, String address, String route, long count) {}
