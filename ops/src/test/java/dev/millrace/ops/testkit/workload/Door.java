package dev.millrace.ops.testkit.workload;

import java.util.List;

/** A way in for events. Several threads may use one at the same time. */
public interface Door extends AutoCloseable {
    /** An answer for each event, in their order. Never throws: what went wrong is an answer too. */
    List<Answer> post(List<ScoreEvent> events);

    @Override
    void close();

    /** What a producer knows of an event after a try. */
    sealed interface Answer {
        /**
         * It was accepted, by this try or an earlier one.
         *
         * @param replayed whether the door says that it knew the event already
         */
        record Accepted(String eventId, boolean replayed) implements Answer {}

        /** It may have been accepted or not: no answer came, or one that says so. */
        record Unknown(String why) implements Answer {}

        /** It was not accepted by this try, but may be by a later one. */
        record NotNow(String why) implements Answer {}

        /** It never will be accepted. */
        record Refused(String why) implements Answer {}
    }
}
