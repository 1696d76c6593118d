package dev.millrace.ingest.read;

import dev.millrace.schema.board.Board;
import dev.millrace.schema.board.Line;
import dev.millrace.schema.board.Line.Spot;
import dev.millrace.schema.board.Rankings;
import dev.millrace.schema.board.Rankings.Found;
import dev.millrace.schema.board.Rankings.Regional;
import dev.millrace.schema.board.Rankings.Stretch;
import dev.millrace.schema.board.Rankings.Those;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Answers what is asked of leaderboards. What it throws is what its {@link Rankings} throw. */
public final class Boards {
    /** How often one answer looks further down the board, where it finds players whom the reader has met. */
    private static final int LOOKS = 4;

    private final Rankings rankings;

    public Boards(Rankings rankings) {
        this.rankings = rankings;
    }

    /**
     * A stretch of a board.
     *
     * @param next cursor of the stretch behind, null where there is none
     */
    public record Top(String board, String region, String season, List<Standing> entries, @Nullable String next) {
        /** The same without its cursor, which is another each time, though any of them leads on from there. */
        public Top shows() {
            return new Top(board, region, season, entries, next == null ? null : "");
        }
    }

    /**
     * Where a player stands.
     *
     * @param total how many players are ranked
     * @param percentile how many of 100 players have this one's rank or a worse one, to two places
     */
    public record Rank(String player, long rank, long score, String region, long total, double percentile) {}

    /**
     * Who stands next to a player.
     *
     * @param around the others, best first
     */
    public record Around(Standing self, List<Standing> around) {}

    /**
     * All that a board knows of a player.
     *
     * @param rank on the whole board
     * @param total how many players are ranked there
     * @param regionRank in the player's region, null if that is none
     * @param regionTotal how many players are ranked there
     */
    public record Player(String player, @Nullable String name, String region, long score, Instant achievedAt, long rank, long total,
            @Nullable Long regionRank, @Nullable Long regionTotal) {}

    /**
     * Several players.
     *
     * @param players in the order in which they were asked for
     * @param absent those who are not on the board
     */
    public record Players(List<Player> players, List<String> absent) {}

    /**
     * One of several who are ranked among themselves.
     *
     * @param place among them, from 1
     * @param rank on the whole board
     */
    public record Friend(long place, long rank, String player, @Nullable String name, String region, long score, Instant achievedAt) {}

    /**
     * Several players, ranked among themselves.
     *
     * @param friends best first
     * @param absent those who are not on the board
     */
    public record Friends(List<Friend> friends, List<String> absent) {}

    /**
     * A page of a board, as it is now; a board without players has no entries.
     *
     * @param limit how many entries a page has
     * @param page from 1
     */
    public Top page(Board board, String region, int limit, int page, Ranking ranking) {
        Stretch stretch = rankings.from(board, region, (page - 1L) * limit, limit);
        List<Standing> entries = Standing.of(stretch, ranking);
        String next = null;
        if (stretch.more() && !entries.isEmpty()) {
            Spot last = stretch.lines().getLast().spot();
            next = new BoardCursor(last, stretch.at(), SeenPlayers.none()).on(last, entries).encode();
        }
        return new Top(board.name(), region, board.season(), entries, next);
    }

    /**
     * The players behind a cursor. Whoever follows cursors to the end meets nobody twice, and everybody who stood still meanwhile.
     *
     * @param limit how many at most; fewer do not mean that the board ends
     * @param cursor {@link Top#next()} of the stretch before
     * @return empty if the cursor is none
     */
    public Optional<Top> behind(Board board, String region, int limit, String cursor, Ranking ranking) {
        return BoardCursor.decode(cursor).map(from -> behind(board, region, limit, from, ranking));
    }

    private Top behind(Board board, String region, int limit, BoardCursor from, Ranking ranking) {
        List<Standing> entries = new ArrayList<>(limit);
        Spot last = from.last();
        boolean more = true;
        for (int look = 0; look < LOOKS && more && entries.size() < limit; look++) {
            Stretch stretch = rankings.behind(board, region, last, limit - entries.size());
            List<Standing> standings = Standing.of(stretch, ranking);
            for (int i = 0; i < standings.size(); i++) {
                if (!from.met(stretch.lines().get(i))) {
                    entries.add(standings.get(i));
                }
            }
            more = stretch.more() && !stretch.lines().isEmpty();
            last = stretch.lines().isEmpty() ? last : stretch.lines().getLast().spot();
        }
        return new Top(board.name(), region, board.season(), entries, more ? from.on(last, entries).encode() : null);
    }

    /**
     * A player's rank.
     *
     * @return empty if the player is not ranked there
     */
    public Optional<Rank> rank(Board board, String region, String player, Ranking ranking) {
        return rankings.around(board, region, player, 0).map(found -> {
            Standing self = Standing.of(found, ranking).getFirst();
            double percentile = Math.round(10_000.0 * (found.total() - self.rank() + 1) / found.total()) / 100.0;
            return new Rank(player, self.rank(), self.score(), self.region(), found.total(), percentile);
        });
    }

    /**
     * A player and those who stand around.
     *
     * @param range how many on each side at most
     * @return empty if the player is not ranked there
     */
    public Optional<Around> around(Board board, String region, String player, int range, Ranking ranking) {
        return rankings.around(board, region, player, range).map(found -> {
            List<Standing> others = new ArrayList<>(Standing.of(found, ranking));
            int self = 0;
            while (!others.get(self).player().equals(player)) {
                self++;
            }
            return new Around(others.remove(self), others);
        });
    }

    /**
     * Several players, each with all that the board knows.
     *
     * @param players each once
     */
    public Players players(Board board, List<String> players) {
        Those those = rankings.players(board, players, true);
        Map<String, Player> known = HashMap.newHashMap(players.size());
        for (Found found : those.found()) {
            Line line = found.line();
            @Nullable Regional regional = found.regional();
            known.put(line.player(), new Player(line.player(), line.name(), line.region(), line.score(), line.achievedAt(),
                    found.before() + 1, those.total(), regional == null ? null : regional.before() + 1,
                    regional == null ? null : regional.total()));
        }
        return new Players(players.stream().filter(known::containsKey).map(known::get).toList(), absent(players, those));
    }

    /**
     * Several players, ranked among themselves.
     *
     * @param players each once
     */
    public Friends friends(Board board, List<String> players) {
        Those those = rankings.players(board, players, false);
        List<Friend> friends = new ArrayList<>(players.size());
        those.found().stream().sorted(Comparator.comparingLong(Found::before)).forEach(found -> {
            Line line = found.line();
            friends.add(new Friend(friends.size() + 1L, found.before() + 1, line.player(), line.name(), line.region(), line.score(),
                    line.achievedAt()));
        });
        return new Friends(friends, absent(players, those));
    }

    private static List<String> absent(List<String> players, Those those) {
        List<String> there = those.found().stream().map(found -> found.line().player()).toList();
        return players.stream().filter(player -> !there.contains(player)).toList();
    }
}
