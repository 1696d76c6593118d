package dev.millrace.persister.batch;

import dev.millrace.schema.change.Change;
import dev.millrace.schema.change.PlayerChange;
import dev.millrace.schema.event.StreamId;

/**
 * A change as a partition's stream holds it.
 *
 * @param id its place in that stream
 */
public record ChangeEntry(int partition, StreamId id, Change change) {

    /**
     * The highest version that the change leaves. No version lies below the epoch of the owner who gave it, so the epoch stands for changes
     * without players.
     */
    long version() {
        long version = change.epoch();
        for (PlayerChange player : change.players()) {
            version = Math.max(version, player.state().version());
        }
        return version;
    }
}
