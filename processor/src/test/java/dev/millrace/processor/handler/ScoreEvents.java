package dev.millrace.processor.handler;

import dev.millrace.processor.engine.lane.LaneEvent;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.ScoreOp;
import dev.millrace.schema.event.StreamId;

/** Events of client acme in their lanes. */
final class ScoreEvents {
    private static final long MS = 1_767_225_600_000L;

    private ScoreEvents() {}

    static StreamId id(int seq) {
        return new StreamId(MS, seq);
    }

    static LaneEvent score(int seq, ScoreOp op, String player, long value) {
        return score(seq, op, new ScoreData(player, value, ScoreData.MAIN_BOARD, ScoreData.GLOBAL, null));
    }

    static LaneEvent score(int seq, ScoreOp op, ScoreData data) {
        return event(seq, new Event(new Lane("acme", data.player(), Priority.NORMAL), op.type(), data.toJson(), null));
    }

    static LaneEvent event(int seq, Event event) {
        return new LaneEvent(id(seq), event);
    }
}
