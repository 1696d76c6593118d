package dev.millrace.processor.engine.lane;

import dev.millrace.processor.engine.Lease;
import dev.millrace.schema.change.PlayerChange;
import dev.millrace.schema.change.ScoreApplied;
import dev.millrace.schema.event.StreamId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Works events whose whole effect is a state in Redis: in batches, each decided here and committed by the lanes' own script. */
public interface StateHandler {
    boolean works(String type);

    /** Begins with a partition that was just claimed. */
    Work begin(int partition);

    /** The work on one partition under one lease; one thread at a time calls it. */
    interface Work {
        /** Mends what a predecessor left half done. */
        void recover(Lease lease);

        /**
         * Decides what a batch comes to, and writes nothing.
         *
         * @param events in order; those that had their effect before are to have none
         */
        Step decide(Lease lease, List<LaneEvent> events);

        /** The last change that stands on the boards and is not noted as such; the next commit notes it. */
        Optional<StreamId> toNote();

        /** Called once the step is committed, as this change if it has something to tell. */
        void committed(Lease lease, Step step, Optional<StreamId> change);

        /** Called when nothing has come for a moment. */
        void idle(Lease lease);
    }

    /**
     * What a batch comes to.
     *
     * @param states key to new value, all keys in the partition's slot
     * @param players for boards and books
     * @param applied for the books, in order
     * @param refused events that can't be applied
     */
    record Step(Map<String, String> states, List<PlayerChange> players, List<ScoreApplied> applied, List<Refused> refused) {
        /** Of no events. */
        public static final Step NOTHING = new Step(Map.of(), List.of(), List.of(), List.of());
    }

    /** An event that can't be applied, and why. */
    record Refused(LaneEvent event, String reason) {}
}
