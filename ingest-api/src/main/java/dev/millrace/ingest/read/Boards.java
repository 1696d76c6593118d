package dev.millrace.ingest.read;

import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.BoardMember;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads leaderboards. Each answer is one script, hence one moment of the board. Regions are boards within the board; the whole of it is
 * {@link ScoreData#GLOBAL}.
 */
public final class Boards {
    private static final Script TOP = Script.load(Boards.class, "board-top");
    private static final Script PLAYER = Script.load(Boards.class, "board-player");
    private static final int ITEMS = 3;
    /** What is shown of a player comes after the 8 bytes of the event that reached the score. */
    private static final int SHOWN_FROM = 8;

    private final Redis redis;
    private final Keyspace keys;

    public Boards(Redis redis, Keyspace keys) {
        this.redis = redis;
        this.keys = keys;
    }

    /**
     * A stretch of a board.
     *
     * @param next cursor of the stretch behind, null where there is none
     */
    public record Top(String board, String region, String season, List<Standing> entries, @Nullable String next) {}

    /**
     * Where a player stands.
     *
     * @param total how many players are ranked
     * @param percentile how many of 100 players stand where this one does or behind, to two places
     */
    public record Rank(String player, long rank, long score, String region, long total, double percentile) {}

    /**
     * Who stands next to a player.
     *
     * @param around the others, best first
     */
    public record Around(Standing self, List<Standing> around) {}

    /**
     * The best players, or those behind a cursor.
     *
     * @param limit how many at most
     * @param cursor {@link Top#next()} of the stretch before, or null
     * @return empty if the cursor is none; a board without players has no entries
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public Optional<Top> top(String client, String board, String region, int limit, @Nullable String cursor) {
        Args args = Args.of(Integer.toString(limit));
        if (cursor != null) {
            Optional<BoardCursor> from = BoardCursor.decode(cursor);
            if (from.isEmpty()) {
                return Optional.empty();
            }
            args.add(from.get().ranked()).add(from.get().member());
        }
        Reply reply = redis.eval(TOP, boardKeys(client, board, region), args.list());
        List<Standing> entries = standings(reply, 3, reply.number(1));
        boolean more = reply.number(2) == 1;
        int last = reply.size() - ITEMS;
        String next = more ? new BoardCursor(ranked(reply, last), reply.bytes(last)).encode() : null;
        return Optional.of(new Top(board, region, PlayerState.ALL_TIME, entries, next));
    }

    /**
     * A player's rank.
     *
     * @return empty if the player is not ranked there
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public Optional<Rank> rank(String client, String board, String region, String player) {
        return player(client, board, region, player, 0).map(found -> {
            Standing self = found.standings().getFirst();
            double percentile = Math.round(10_000.0 * (found.total() - self.rank() + 1) / found.total()) / 100.0;
            return new Rank(player, self.rank(), self.score(), self.region(), found.total(), percentile);
        });
    }

    /**
     * A player and those who stand around.
     *
     * @param range how many on each side at most
     * @return empty if the player is not ranked there
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public Optional<Around> around(String client, String board, String region, String player, int range) {
        return player(client, board, region, player, range).map(found -> {
            List<Standing> others = new ArrayList<>(found.standings());
            Standing self = others.remove(found.self());
            return new Around(self, others);
        });
    }

    /**
     * @param self index of the player among the standings
     */
    private record Found(List<Standing> standings, int self, long total) {}

    private Optional<Found> player(String client, String board, String region, String player, int range) {
        Reply reply = redis.eval(PLAYER, boardKeys(client, board, region), Args.of(player).add(range).list());
        if (reply.word().equals("UNKNOWN")) {
            return Optional.empty();
        }
        long first = reply.number(3);
        return Optional.of(new Found(standings(reply, 4, first), (int) (reply.number(1) - first), reply.number(2)));
    }

    private List<String> boardKeys(String client, String board, String region) {
        return List.of(keys.boardRanks(client, board, PlayerState.ALL_TIME, region),
                keys.boardPlayers(client, board, PlayerState.ALL_TIME));
    }

    /**
     * @param from index of the first item
     * @param first its rank, from 0
     */
    private static List<Standing> standings(Reply reply, int from, long first) {
        List<Standing> standings = new ArrayList<>((reply.size() - from) / ITEMS);
        for (int i = from; i + ITEMS <= reply.size(); i += ITEMS) {
            BoardMember member = BoardMember.of(reply.bytes(i));
            byte[] shown = reply.bytes(i + 2);
            String text = shown.length <= SHOWN_FROM ? ScoreData.GLOBAL + '|'
                    : new String(shown, SHOWN_FROM, shown.length - SHOWN_FROM, StandardCharsets.UTF_8);
            int bar = text.indexOf('|');
            String name = text.substring(bar + 1);
            standings.add(new Standing(first + standings.size() + 1, member.player(), name.isEmpty() ? null : name, text.substring(0, bar),
                    -ranked(reply, i), member.achievedAt()));
        }
        return standings;
    }

    /** Boards are descending: the sorted set holds the negated score. Redis may write it with an exponent. */
    private static long ranked(Reply reply, int item) {
        return new BigDecimal(reply.text(item + 1)).longValueExact();
    }
}
