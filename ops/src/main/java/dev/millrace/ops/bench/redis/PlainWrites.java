package dev.millrace.ops.bench.redis;

import io.lettuce.core.StreamMessage;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The writes that a batch of score events comes to, in number and size, by plain commands: each player's state, one change entry, each
 * player's row on the whole board and on a region's. What is written has no meaning; nothing is read, checked or kept in order.
 */
public final class PlainWrites {
    private static final int WHOLE = -1;
    private static final int REGIONS = 4;
    private static final int STATE_BYTES = 80;
    private static final int CHANGE_BYTES_A_PLAYER = 120;
    private static final int CHANGE_BYTES_AN_EVENT = 64;

    private final String prefix;

    /** @param prefix first part of the keys that are written */
    public PlainWrites(String prefix) {
        this.prefix = prefix;
    }

    CompletionStage<?> send(RedisAsyncCommands<String, byte[]> commands, String stream, List<StreamMessage<String, byte[]>> batch) {
        Map<String, byte[]> shown = new HashMap<>();
        for (StreamMessage<String, byte[]> message : batch) {
            byte[] player = message.getBody().get("l");
            shown.put(new String(player, StandardCharsets.UTF_8), player);
        }
        Map<String, byte[]> states = HashMap.newHashMap(shown.size());
        Map<Integer, List<Object>> ranked = new HashMap<>();
        shown.forEach((player, name) -> {
            states.put(stream + ":player:" + player, new byte[STATE_BYTES]);
            for (int board : List.of(WHOLE, Math.floorMod(player.hashCode(), REGIONS))) {
                List<Object> rows = ranked.computeIfAbsent(board, _ -> new ArrayList<>());
                rows.add((double) batch.size());
                rows.add(name);
            }
        });
        List<CompletionStage<?>> sent = new ArrayList<>();
        sent.add(commands.mset(states));
        sent.add(commands.xadd(prefix + ":changes", "d",
                new byte[CHANGE_BYTES_A_PLAYER * shown.size() + CHANGE_BYTES_AN_EVENT * batch.size()]));
        sent.add(commands.hset(prefix + ":shown", shown));
        ranked.forEach((board, rows) -> sent.add(commands.zadd(prefix + ":ranks:" + board, rows.toArray())));
        return CompletableFuture.allOf(sent.stream().map(CompletionStage::toCompletableFuture).toArray(CompletableFuture[]::new));
    }
}
