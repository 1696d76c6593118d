package dev.millrace.ops.testkit.workload;

import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.ScoreOp;

/**
 * One score event of a workload.
 *
 * @param sequence its place in the workload: no other event of the client has it, and those of one lane are sent in its order
 * @param client the tenant that sends it
 */
public record ScoreEvent(long sequence, String client, ScoreOp op, ScoreData data) {

    /** The id under which a producer sends it, the same at every try. */
    public String producerId() {
        return "n" + sequence;
    }

    public PlayerKey player() {
        return new PlayerKey(client, data.board(), data.player());
    }

    /** As the door's inner side takes it. */
    public Event toEvent() {
        return new Event(new Lane(client, data.player(), Priority.NORMAL), op.type(), data.toJson(), producerId());
    }
}
