package dev.millrace.ingest.user;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A person with a password.
 *
 * @param client whose user it is; another client may have a user of the same id, who is someone else
 * @param id the player that this user is
 * @param name how the user is shown
 */
public record User(String client, String id, @Nullable String name, Instant createdAt) {}
