package dev.millrace.ingest.read;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What somebody did with a dead letter.
 *
 * @param by who: {@code the administrator}, or a client by which of its keys
 * @param did {@code redrive}, {@code redrive-edited} or {@code discard}
 * @param event whose letter it was
 * @param client whose event that is; null where it did not even say that
 * @param lane of the event, where it said that
 * @param reason why it had been given up
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AuditEntry(Instant at, String by, String did, String event, @Nullable String client, @Nullable String lane, String reason) {}
