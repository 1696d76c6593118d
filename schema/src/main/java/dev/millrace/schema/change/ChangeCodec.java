package dev.millrace.schema.change;

import dev.millrace.schema.change.EventEnded.Outcome;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.Origin;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreOp;
import dev.millrace.schema.event.StreamId;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Changes as fields of a stream entry: {@code v} the format version, {@code n} the number of events (read by scripts that count what is
 * not persisted yet), {@code d} the rest as JSON in arrays, because one entry tells of hundreds of events:
 *
 * <pre>
 * [epoch, applied at in ms,
 *  [[client, board, player, score, region, season, version, last applied, achieved, name or null, previous region or null], …],
 *  [[id, index of the player above, season, region, op, amount, score, version, origin], …],
 *  [[id, priority, client, type, lane, outcome, attempts, error or null, origin], …]]
 * </pre>
 *
 * An origin is there only where an event has one.
 */
public final class ChangeCodec {
    /** The version that is written; every version up to it is read. */
    public static final int VERSION = 1;

    private static final JsonFactory JSON = new JsonFactory();

    private ChangeCodec() {}

    /** Field names and values in turn, as XADD takes them. */
    public static List<byte[]> encode(Change change) {
        return List.of(bytes("v"), bytes(Integer.toString(VERSION)), bytes("n"), bytes(Integer.toString(change.events())), bytes("d"),
                json(change));
    }

    private static byte[] json(Change change) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128 * (1 + change.events()));
        try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            out.writeStartArray();
            out.writeNumber(change.epoch());
            out.writeNumber(change.appliedAt().toEpochMilli());
            Map<PlayerKey, Integer> index = writePlayers(out, change.players());
            writeApplied(out, change.applied(), index);
            writeEnded(out, change.ended());
            out.writeEndArray();
        }
        return bytes.toByteArray();
    }

    private static Map<PlayerKey, Integer> writePlayers(JsonGenerator out, List<PlayerChange> players) {
        Map<PlayerKey, Integer> index = HashMap.newHashMap(players.size());
        out.writeStartArray();
        for (PlayerChange change : players) {
            index.put(change.key(), index.size());
            PlayerState state = change.state();
            out.writeStartArray();
            out.writeString(change.key().client());
            out.writeString(change.key().board());
            out.writeString(change.key().player());
            out.writeNumber(state.score());
            out.writeString(state.region());
            out.writeString(state.season());
            out.writeNumber(state.version());
            out.writeString(state.lastApplied().toString());
            out.writeString(state.achieved().toString());
            writeNullable(out, state.name());
            writeNullable(out, change.previousRegion());
            out.writeEndArray();
        }
        out.writeEndArray();
        return index;
    }

    private static void writeApplied(JsonGenerator out, List<ScoreApplied> applied, Map<PlayerKey, Integer> index) {
        out.writeStartArray();
        for (ScoreApplied score : applied) {
            Integer player = index.get(score.key());
            if (player == null) {
                throw new IllegalArgumentException("a change tells of an event of a player whose state it does not hold");
            }
            out.writeStartArray();
            out.writeString(score.id().toString());
            out.writeNumber(player);
            out.writeString(score.season());
            out.writeString(score.region());
            out.writeString(score.op().word());
            out.writeNumber(score.amount());
            out.writeNumber(score.score());
            out.writeNumber(score.version());
            writeOrigin(out, score.origin());
            out.writeEndArray();
        }
        out.writeEndArray();
    }

    private static void writeEnded(JsonGenerator out, List<EventEnded> ended) {
        out.writeStartArray();
        for (EventEnded event : ended) {
            out.writeStartArray();
            out.writeString(event.id().toString());
            out.writeString(event.priority().word());
            out.writeString(event.client());
            out.writeString(event.type());
            out.writeString(event.lane());
            out.writeString(event.outcome().name().toLowerCase(Locale.ROOT));
            out.writeNumber(event.attempts());
            writeNullable(out, event.error());
            writeOrigin(out, event.origin());
            out.writeEndArray();
        }
        out.writeEndArray();
    }

    /**
     * Reads {@link #encode}.
     *
     * @throws MalformedEntryException if the entry has another form or a newer format
     */
    public static Change decode(Map<String, byte[]> fields) throws MalformedEntryException {
        byte[] version = fields.get("v");
        byte[] data = fields.get("d");
        if (version == null || data == null || !new String(version, StandardCharsets.UTF_8).equals("1")) {
            throw new MalformedEntryException("change of an unknown format");
        }
        try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), data)) {
            open(in);
            long epoch = number(in);
            Instant appliedAt = Instant.ofEpochMilli(number(in));
            List<PlayerChange> players = players(in);
            Change change = new Change(epoch, appliedAt, players, applied(in, players), ended(in));
            close(in);
            if (in.nextToken() != null) {
                throw new MalformedEntryException("change with more behind it");
            }
            return change;
        } catch (JacksonException e) {
            throw new MalformedEntryException("change does not read: " + e.getOriginalMessage(), e);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new MalformedEntryException("change does not read: " + e.getMessage(), e);
        }
    }

    private static List<PlayerChange> players(JsonParser in) throws MalformedEntryException {
        List<PlayerChange> players = new ArrayList<>();
        open(in);
        while (hasNext(in)) {
            PlayerKey key = new PlayerKey(text(in), text(in), text(in));
            long score = number(in);
            String region = text(in);
            String season = text(in);
            long version = number(in);
            StreamId lastApplied = StreamId.parse(text(in));
            StreamId achieved = StreamId.parse(text(in));
            String name = nullable(in);
            String previousRegion = nullable(in);
            players.add(
                    new PlayerChange(key, new PlayerState(score, region, season, version, lastApplied, achieved, name), previousRegion));
            close(in);
        }
        return players;
    }

    private static List<ScoreApplied> applied(JsonParser in, List<PlayerChange> players) throws MalformedEntryException {
        List<ScoreApplied> applied = new ArrayList<>();
        open(in);
        while (hasNext(in)) {
            StreamId id = StreamId.parse(text(in));
            PlayerKey key = players.get(smallNumber(in)).key();
            String season = text(in);
            String region = text(in);
            ScoreOp op = ScoreOp.valueOf(text(in).toUpperCase(Locale.ROOT));
            applied.add(new ScoreApplied(id, key, season, region, op, number(in), number(in), number(in), lastOrigin(in)));
        }
        return applied;
    }

    private static List<EventEnded> ended(JsonParser in) throws MalformedEntryException {
        List<EventEnded> ended = new ArrayList<>();
        open(in);
        while (hasNext(in)) {
            StreamId id = StreamId.parse(text(in));
            Priority priority = Priority.valueOf(text(in).toUpperCase(Locale.ROOT));
            String client = text(in);
            String type = text(in);
            String lane = text(in);
            Outcome outcome = Outcome.valueOf(text(in).toUpperCase(Locale.ROOT));
            ended.add(new EventEnded(id, priority, client, type, lane, outcome, smallNumber(in), nullable(in), lastOrigin(in)));
        }
        return ended;
    }

    private static void writeOrigin(JsonGenerator out, @Nullable Origin origin) {
        if (origin != null) {
            out.writeString(origin.toString());
        }
    }

    /** Reads to the end of an array that may have an origin as its last item. */
    private static @Nullable Origin lastOrigin(JsonParser in) throws MalformedEntryException {
        JsonToken token = in.nextToken();
        if (token == JsonToken.END_ARRAY) {
            return null;
        }
        if (token != JsonToken.VALUE_STRING) {
            throw new MalformedEntryException("change with " + token + " where an origin or the end of an event belongs");
        }
        Origin origin = Origin.parse(in.getString());
        close(in);
        return origin;
    }

    private static void writeNullable(JsonGenerator out, @Nullable String text) {
        if (text == null) {
            out.writeNull();
        } else {
            out.writeString(text);
        }
    }

    /** Goes into the next array of a list, or to the end of the list. */
    private static boolean hasNext(JsonParser in) throws MalformedEntryException {
        JsonToken token = in.nextToken();
        if (token != JsonToken.START_ARRAY && token != JsonToken.END_ARRAY) {
            throw new MalformedEntryException("change with " + token + " in a list of arrays");
        }
        return token == JsonToken.START_ARRAY;
    }

    private static void open(JsonParser in) throws MalformedEntryException {
        expect(in, JsonToken.START_ARRAY);
    }

    private static void close(JsonParser in) throws MalformedEntryException {
        expect(in, JsonToken.END_ARRAY);
    }

    private static String text(JsonParser in) throws MalformedEntryException {
        expect(in, JsonToken.VALUE_STRING);
        return in.getString();
    }

    private static @Nullable String nullable(JsonParser in) throws MalformedEntryException {
        JsonToken token = in.nextToken();
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        if (token != JsonToken.VALUE_STRING) {
            throw new MalformedEntryException("change with " + token + " where text or null belongs");
        }
        return in.getString();
    }

    private static long number(JsonParser in) throws MalformedEntryException {
        expect(in, JsonToken.VALUE_NUMBER_INT);
        return in.getLongValue();
    }

    private static int smallNumber(JsonParser in) throws MalformedEntryException {
        expect(in, JsonToken.VALUE_NUMBER_INT);
        return in.getIntValue();
    }

    private static void expect(JsonParser in, JsonToken expected) throws MalformedEntryException {
        JsonToken token = in.nextToken();
        if (token != expected) {
            throw new MalformedEntryException("change with " + token + " where " + expected + " belongs");
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
