package dev.millrace.ingest.read;

import dev.millrace.schema.board.Line;
import dev.millrace.schema.board.Line.Spot;
import dev.millrace.schema.event.Names;
import dev.millrace.schema.event.ScoreData;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a reader is who goes through a board, stretch by stretch: behind which place, since when, and whom it has seen.
 *
 * <p>
 * A place is a score and who reached it when, rather than a rank, so that players who pass by meanwhile move nobody out of the next stretch or
 * into it twice. Whoever was seen and then fell would come again further down: who has another score since the reader began, and was seen, is
 * left out.
 *
 * @param last the reader is behind this place
 * @param since when the reader began, by the clock of the board
 */
record BoardCursor(Spot last, Instant since, SeenPlayers seen) {
    private static final byte FORMAT = 1;
    private static final int FIXED = 1 + 3 * Long.BYTES + SeenPlayers.BYTES;
    private static final int MAX_TEXT = (FIXED + Names.MAX_LENGTH + 2) / 3 * 4;

    /** Whether the reader may have met the player of a line further up. */
    boolean met(Line line) {
        return !line.achievedAt().isBefore(since) && seen.mayHold(line.player());
    }

    /** Behind another place, having seen more. */
    BoardCursor on(Spot to, List<Standing> read) {
        return new BoardCursor(to, since, seen.and(read.stream().map(Standing::player).toList()));
    }

    String encode() {
        byte[] player = last.player().getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = ByteBuffer.allocate(FIXED + player.length).put(FORMAT).putLong(last.score()).putLong(last.achieved())
                .putLong(since.toEpochMilli()).put(seen.bytes()).put(player).array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static Optional<BoardCursor> decode(String text) {
        byte @Nullable [] bytes = bytes(text);
        if (bytes == null || bytes.length <= FIXED || bytes[0] != FORMAT) {
            return Optional.empty();
        }
        ByteBuffer from = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
        long score = from.getLong();
        long achieved = from.getLong();
        Instant since = Instant.ofEpochMilli(from.getLong());
        byte[] seen = new byte[SeenPlayers.BYTES];
        from.get(seen);
        String player = StandardCharsets.US_ASCII.decode(from).toString();
        boolean sound = score >= -ScoreData.MAX_SCORE && score <= ScoreData.MAX_SCORE && Names.valid(player);
        return sound ? Optional.of(new BoardCursor(new Spot(score, achieved, player), since, SeenPlayers.of(seen))) : Optional.empty();
    }

    private static byte @Nullable [] bytes(String text) {
        if (text.length() > MAX_TEXT) {
            return null;
        }
        try {
            return Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
