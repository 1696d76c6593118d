package dev.millrace.ingest.read;

import dev.millrace.schema.board.Board;
import dev.millrace.schema.board.Line;
import dev.millrace.schema.board.Line.Spot;
import dev.millrace.schema.board.Rankings;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the live boards. Each answer is one script. Every method throws {@link RedisUnavailableException} if Redis can't be asked. */
public final class RedisRankings implements Rankings {
    private static final Script TOP = Script.load(RedisRankings.class, "board-top");
    private static final Script AROUND = Script.load(RedisRankings.class, "board-around");
    private static final Script PLAYERS = Script.load(RedisRankings.class, "board-players");
    /** Items of a line: member, score as ranked, what is shown. */
    private static final int LINE = 3;
    private static final int LINES_FROM = 5;
    /** The same, and rank, rank in the region, how many are ranked there. */
    private static final int PLAYER = 6;
    private static final int PLAYERS_FROM = 2;
    /** What is shown of a player comes after the 8 bytes of the event that reached the score. */
    private static final int SHOWN_FROM = 8;
    private static final String REGIONS_NOT_ASKED = "-1";

    private final Redis redis;
    private final Keyspace keys;

    public RedisRankings(Redis redis, Keyspace keys) {
        this.redis = redis;
        this.keys = keys;
    }

    @Override
    public Stretch from(Board board, String region, long first, int count) {
        return stretch(redis.eval(TOP, keys(board, region), Args.of(Integer.toString(count)).add(first).list()));
    }

    @Override
    public Stretch behind(Board board, String region, Spot spot, int count) {
        return stretch(redis.eval(TOP, keys(board, region), Args.of(Integer.toString(count), "").add(ranked(spot.score()))
                .add(new BoardMember(spot.achieved(), spot.player()).toBytes()).list()));
    }

    @Override
    public Optional<Stretch> around(Board board, String region, String player, int range) {
        Reply reply = redis.eval(AROUND, keys(board, region), Args.of(player).add(range).list());
        return reply.word().equals("UNKNOWN") ? Optional.empty() : Optional.of(stretch(reply));
    }

    @Override
    public Those players(Board board, List<String> players, boolean inRegions) {
        Set<String> regions = new LinkedHashSet<>();
        Reply reply = ask(board, players, inRegions, regions);
        while (reply.word().equals("REGIONS")) {
            for (int i = 1; i < reply.size(); i++) {
                regions.add(reply.text(i));
            }
            reply = ask(board, players, inRegions, regions);
        }
        List<Found> found = new ArrayList<>(players.size());
        for (int i = PLAYERS_FROM; i + PLAYER <= reply.size(); i += PLAYER) {
            long inRegion = reply.number(i + 4);
            found.add(new Found(line(reply, i), reply.number(i + 3), inRegion < 0 ? null : new Regional(inRegion, reply.number(i + 5))));
        }
        return new Those(found, reply.number(1));
    }

    private Reply ask(Board board, List<String> players, boolean inRegions, Set<String> regions) {
        List<String> scriptKeys = new ArrayList<>(List.of(keys.boardPlayers(board.client(), board.name(), board.season()),
                ranks(board, ScoreData.GLOBAL)));
        regions.forEach(region -> scriptKeys.add(ranks(board, region)));
        Args args = inRegions ? Args.of().addCounted(List.copyOf(regions)) : Args.of(REGIONS_NOT_ASKED);
        players.forEach(args::add);
        return redis.eval(PLAYERS, scriptKeys, args.list());
    }

    private List<String> keys(Board board, String region) {
        return List.of(ranks(board, region), keys.boardPlayers(board.client(), board.name(), board.season()));
    }

    private String ranks(Board board, String region) {
        return keys.boardRanks(board.client(), board.name(), board.season(), region);
    }

    private static Stretch stretch(Reply reply) {
        List<Line> lines = new ArrayList<>((reply.size() - LINES_FROM) / LINE);
        for (int i = LINES_FROM; i + LINE <= reply.size(); i += LINE) {
            lines.add(line(reply, i));
        }
        return new Stretch(lines, reply.number(1), reply.number(2), reply.number(3), Instant.ofEpochMilli(reply.number(4)));
    }

    private static Line line(Reply reply, int from) {
        BoardMember member = BoardMember.of(reply.bytes(from));
        byte[] shown = reply.bytes(from + 2);
        String text = shown.length <= SHOWN_FROM ? ScoreData.GLOBAL + '|'
                : new String(shown, SHOWN_FROM, shown.length - SHOWN_FROM, StandardCharsets.UTF_8);
        int bar = text.indexOf('|');
        String name = text.substring(bar + 1);
        // Redis may write the score with an exponent.
        long score = ranked(new BigDecimal(reply.text(from + 1)).longValueExact());
        return new Line(member.player(), name.isEmpty() ? null : name, text.substring(0, bar), score, member.achieved());
    }

    /** Boards are descending: the sorted set holds the negated score. */
    private static long ranked(long score) {
        return -score;
    }
}
