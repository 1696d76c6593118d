package dev.millrace.ingest.http;

import dev.millrace.ingest.RunningApi;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.BoardMember;
import dev.millrace.schema.redis.Keyspace;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The board {@code main} of {@code acme}, written as the processor writes it. */
final class HandWrittenBoard {
    static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final String WHOLE = "GLOBAL";

    private final RunningApi api;
    private final Map<String, Place> places = new HashMap<>();
    private long changes;

    HandWrittenBoard(RunningApi api) {
        this.api = api;
    }

    private record Place(BoardMember member, String region) {}

    /** Puts a player where a score of so many seconds past noon belongs, and takes it from where it was. */
    void put(String player, long score, int second) {
        put(player, score, NOON.plusSeconds(second), WHOLE, null);
    }

    void put(String player, long score, Instant achieved, String region, @Nullable String name) {
        Keyspace keys = api.namespace().keys();
        Place place = new Place(new BoardMember(new StreamId(achieved.toEpochMilli(), 0).packed(), player), region);
        @Nullable Place before = places.put(player, place);
        if (before != null) {
            leave(WHOLE, before.member());
            leave(before.region(), before.member());
        }
        enter(WHOLE, score, place.member());
        enter(region, score, place.member());
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        shown.write(place.member().toBytes(), 0, 8);
        shown.writeBytes((region + '|' + (name == null ? "" : name)).getBytes(StandardCharsets.UTF_8));
        set(keys.boardPlayers("acme", "main", PlayerState.ALL_TIME), player, shown.toByteArray());
        set(keys.boardFence("acme", "main"), "3", ("41 " + ++changes + "-0").getBytes(StandardCharsets.UTF_8));
    }

    private void leave(String region, BoardMember member) {
        api.redis().await(api.redis().command(ranks(region), (commands, at) -> commands.zrem(at, member.toBytes())));
    }

    private void enter(String region, long score, BoardMember member) {
        api.redis().await(api.redis().command(ranks(region), (commands, at) -> commands.zadd(at, (double) -score, member.toBytes())));
    }

    private void set(String key, String field, byte[] value) {
        api.redis().await(api.redis().command(key, (commands, at) -> commands.hset(at, field, value)));
    }

    private String ranks(String region) {
        return api.namespace().keys().boardRanks("acme", "main", PlayerState.ALL_TIME, region);
    }
}
