package dev.millrace.processor.handler;

import dev.millrace.processor.engine.Lease;
import dev.millrace.processor.engine.OutrankedException;
import dev.millrace.schema.change.PlayerChange;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.BoardMember;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Puts players' states onto the leaderboards. States are absolute, so putting one twice changes nothing. */
final class Boards {
    private static final Script BOARD = Script.load(Boards.class, "board");

    private final Redis redis;
    private final Keyspace keys;

    Boards(Redis redis, Keyspace keys) {
        this.redis = redis;
        this.keys = keys;
    }

    /**
     * Puts the states that a change left onto all boards that it touched, and waits until they stand there.
     *
     * @throws OutrankedException if a board has seen a higher epoch of this partition
     */
    void put(Lease lease, StreamId change, List<PlayerChange> players) {
        Map<Board, List<PlayerChange>> byBoard = new LinkedHashMap<>();
        for (PlayerChange player : players) {
            byBoard.computeIfAbsent(new Board(player.key().client(), player.key().board(), player.state().season()),
                    board -> new ArrayList<>())
                    .add(player);
        }
        List<Sent> sent = new ArrayList<>(byBoard.size());
        byBoard.forEach((board, states) -> {
            Set<String> regions = new LinkedHashSet<>();
            for (PlayerChange player : states) {
                regions.add(player.state().region());
                if (player.previousRegion() != null) {
                    regions.add(player.previousRegion());
                }
            }
            regions.remove(ScoreData.GLOBAL);
            sent.add(new Sent(board, states, regions, send(lease, change, board, states, regions)));
        });
        for (Sent one : sent) {
            settle(lease, change, one);
        }
    }

    private void settle(Lease lease, StreamId change, Sent sent) {
        Reply reply = redis.await(sent.reply());
        while (reply.word().equals("REGIONS")) {
            for (int i = 1; i < reply.size(); i++) {
                sent.regions().add(reply.text(i));
            }
            reply = redis.await(send(lease, change, sent.board(), sent.states(), sent.regions()));
        }
        switch (reply.word()) {
            case "BOARDED", "STALE" -> {
                // Stale means that this very batch, or a later one of ours, stands there already.
            }
            case "FENCED" -> throw new OutrankedException(lease, reply.number(1));
            default -> throw new IllegalStateException("board.lua answered " + reply.word());
        }
    }

    private CompletionStage<Reply> send(Lease lease, StreamId change, Board board, List<PlayerChange> states, Set<String> regions) {
        List<String> scriptKeys = new ArrayList<>(List.of(keys.boardPlayers(board.client(), board.name(), board.season()),
                keys.boardFence(board.client(), board.name()), ranks(board, ScoreData.GLOBAL)));
        Args args = Args.of(Integer.toString(lease.partition())).add(lease.epoch()).add(change.toString());
        args.addCounted(List.copyOf(regions));
        for (String region : regions) {
            scriptKeys.add(ranks(board, region));
        }
        for (PlayerChange player : states) {
            PlayerState state = player.state();
            // Descending boards rank the negated score, so that the best stands first and ties go to the earliest member.
            args.add(player.key().player()).add(achievedBytes(state)).add(-state.score()).add(state.region())
                    .add(state.name() == null ? "" : state.name());
        }
        return redis.evalAsync(BOARD, scriptKeys, args.list());
    }

    private static byte[] achievedBytes(PlayerState state) {
        return Arrays.copyOf(new BoardMember(state.achieved().packed(), "").toBytes(), Long.BYTES);
    }

    private String ranks(Board board, String region) {
        return keys.boardRanks(board.client(), board.name(), board.season(), region);
    }

    private record Board(String client, String name, String season) {}

    private record Sent(Board board, List<PlayerChange> states, Set<String> regions, CompletionStage<Reply> reply) {}
}
