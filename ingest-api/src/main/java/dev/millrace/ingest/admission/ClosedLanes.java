package dev.millrace.ingest.admission;

import dev.millrace.ingest.admission.AdmitResult.Accepted;
import dev.millrace.ingest.admission.AdmitResult.ClientFull;
import dev.millrace.ingest.admission.AdmitResult.Conflict;
import dev.millrace.ingest.admission.AdmitResult.DedupeFull;
import dev.millrace.ingest.admission.AdmitResult.LaneFull;
import dev.millrace.ingest.admission.AdmitResult.MemoryFull;
import dev.millrace.ingest.admission.AdmitResult.QueueFull;
import dev.millrace.ingest.admission.AdmitResult.Replayed;
import dev.millrace.ingest.admission.AdmitResult.ScheduleFull;
import dev.millrace.ingest.admission.AdmitResult.Scheduled;
import dev.millrace.ingest.admission.AdmitResult.Unavailable;
import dev.millrace.schema.event.Lane;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lanes that refused an event of a request because there was no room or no Redis. They refuse what comes after it in the request as well, even
 * if room was made meanwhile: else a later event would be accepted before an earlier one.
 */
final class ClosedLanes {
    /** Where so many are closed, the rest is refused too rather than remembered. */
    private static final int MAX = 10_000;

    private final Map<Lane, AdmitResult> lanes = new HashMap<>();
    private @Nullable AdmitResult rest;

    /** Why an event of the lane can't be let in any more; null if it can. */
    @Nullable AdmitResult refusal(Lane lane) {
        return rest == null ? lanes.get(lane) : rest;
    }

    boolean any() {
        return !lanes.isEmpty();
    }

    /** Closes the lane if that result is such a refusal. */
    void note(Lane lane, AdmitResult result) {
        @Nullable AdmitResult after = switch (result) {
            case QueueFull _,MemoryFull _,LaneFull _,ClientFull _,ScheduleFull _,DedupeFull _ -> result;
            case Unavailable _ -> new Unavailable(false);
            case Accepted _,Scheduled _,Replayed _,Conflict _ -> null;
        };
        if (after == null) {
            return;
        }
        if (lanes.size() < MAX) {
            lanes.putIfAbsent(lane, after);
        } else if (rest == null) {
            rest = after;
        }
    }
}
