package dev.millrace.processor.engine.lane;

import dev.millrace.schema.change.Tries;

/** What is to become of the head of a lane, once it is committed. */
sealed interface Ending {
    LaneQueue queue();

    /** It is done. */
    record Completed(LaneQueue queue, LaneEvent event, int attempts) implements Ending {}

    /** It failed, and waits until it is due. */
    record Failed(LaneQueue queue, Tries tries) implements Ending {}

    /** It was under way when a process ended, and will be tried alone. */
    record Suspected(LaneQueue queue, Tries tries) implements Ending {}

    /** It becomes a dead letter. */
    record GivenUp(LaneQueue queue, LaneEvent event, Tries tries, String reason) implements Ending {}

    /** Its dead letter, which held the lane, was discarded. */
    record Discarded(LaneQueue queue, LaneEvent event, Tries tries) implements Ending {}

    /** Somebody has deleted its entry. */
    record Vanished(LaneQueue queue) implements Ending {}
}
