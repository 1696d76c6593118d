package dev.millrace.schema.change;

import org.jspecify.annotations.Nullable;

/**
 * A player's state after a batch.
 *
 * @param previousRegion the region before the batch, or null where the player was new to the board
 */
public record PlayerChange(PlayerKey key, PlayerState state, @Nullable String previousRegion) {}
