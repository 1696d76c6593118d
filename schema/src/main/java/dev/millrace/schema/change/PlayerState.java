package dev.millrace.schema.change;

import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.Names;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.StreamId;
import org.jspecify.annotations.Nullable;

/**
 * A player's score on a board and how it came to be.
 *
 * @param score within ±(2^53 − 1)
 * @param region {@code GLOBAL} where the player is ranked on the whole board only
 * @param season the season that the score counts for
 * @param version grows with every applied event; never below the epoch of the owner that applied it, so that rows written after a
 *     failover win over rows written before it
 * @param lastApplied the last event that was applied; events up to it have had their effect
 * @param achieved the event that reached this score: equal scores are ranked by it, the earlier the better
 * @param name how the player is shown, not empty
 */
public record PlayerState(long score, String region, String season, long version, StreamId lastApplied, StreamId achieved,
        @Nullable String name) {
    /** The season of a board that has none. */
    public static final String ALL_TIME = "all";

    private static final String FORMAT = "1";
    private static final int PARTS = 8;

    public PlayerState {
        Names.check("region", region);
        Names.check("season", season);
        if (score < -ScoreData.MAX_SCORE || score > ScoreData.MAX_SCORE) {
            throw new IllegalArgumentException("score must be within ±(2^53 - 1)");
        }
        if (name != null && name.isEmpty()) {
            throw new IllegalArgumentException("name must not be empty");
        }
    }

    /** {@code 1|score|region|season|version|last applied|achieved|name}; the name is last because it alone may hold a bar. */
    public String pack() {
        return FORMAT + '|' + score + '|' + region + '|' + season + '|' + version + '|' + lastApplied + '|' + achieved + '|'
                + (name == null ? "" : name);
    }

    /**
     * Reads {@link #pack()}.
     *
     * @throws MalformedEntryException if the text has another form or a newer format
     */
    public static PlayerState unpack(String packed) throws MalformedEntryException {
        String[] parts = packed.split("\\|", PARTS);
        if (parts.length != PARTS || !parts[0].equals(FORMAT)) {
            throw new MalformedEntryException("player state of an unknown format");
        }
        try {
            return new PlayerState(Long.parseLong(parts[1]), parts[2], parts[3], Long.parseLong(parts[4]), StreamId.parse(parts[5]),
                    StreamId.parse(parts[6]), parts[7].isEmpty() ? null : parts[7]);
        } catch (IllegalArgumentException e) {
            throw new MalformedEntryException("player state does not read: " + e.getMessage(), e);
        }
    }
}
