package dev.millrace.processor.handler;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.processor.engine.StreamEntry;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.ScoreOp;
import dev.millrace.schema.event.StreamId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Events of client acme as entries of a stream. */
final class ScoreEvents {
    private static final long MS = 1_767_225_600_000L;

    private ScoreEvents() {}

    static StreamId id(int seq) {
        return new StreamId(MS, seq);
    }

    static StreamEntry score(int seq, ScoreOp op, String player, long value) {
        return score(seq, op, new ScoreData(player, value, ScoreData.MAIN_BOARD, ScoreData.GLOBAL, null));
    }

    static StreamEntry score(int seq, ScoreOp op, ScoreData data) {
        return entry(seq, new Event(new Lane("acme", data.player(), Priority.NORMAL), op.type(), data.toJson(), null));
    }

    static StreamEntry entry(int seq, Event event) {
        return new StreamEntry(id(seq), fields(EventCodec.encode(event)));
    }

    /** Names and values in turn, as a reader of the stream gets them. */
    static Map<String, byte[]> fields(List<byte[]> encoded) {
        Map<String, byte[]> fields = new HashMap<>();
        for (int i = 0; i < encoded.size(); i += 2) {
            fields.put(new String(encoded.get(i), UTF_8), encoded.get(i + 1));
        }
        return fields;
    }
}
