package dev.millrace.ingest.admission;

import dev.millrace.schema.event.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The events of one request, let in chunk by chunk: what a lane could not take in one chunk, it does not take in a later one either. For one
 * thread.
 */
public final class BulkAdmission {
    private final Admission admission;
    private final ClosedLanes closed = new ClosedLanes();
    private final ClosedLanes closedForLater = new ClosedLanes();

    BulkAdmission(Admission admission) {
        this.admission = admission;
    }

    /**
     * Lets the next events in, each by itself: one that is refused does not hold back those of other lanes.
     *
     * @return a result for every event, in their order
     */
    public List<AdmitResult> admit(List<Posted> events) {
        @Nullable AdmitResult[] results = new AdmitResult[events.size()];
        List<Posted> now = new ArrayList<>(events.size());
        List<Integer> places = new ArrayList<>(events.size());
        for (int place = 0; place < results.length; place++) {
            Posted posted = events.get(place);
            Optional<AdmitResult> later = posted.due() == null ? Optional.empty() : schedule(posted, posted.due());
            if (later.isPresent()) {
                results[place] = later.get();
            } else {
                now.add(posted);
                places.add(place);
            }
        }
        List<AdmitResult> appended = admission.append(now, closed);
        for (int n = 0; n < appended.size(); n++) {
            results[places.get(n)] = appended.get(n);
        }
        List<AdmitResult> all = new ArrayList<>(results.length);
        for (AdmitResult result : results) {
            all.add(Objects.requireNonNull(result));
        }
        return all;
    }

    private Optional<AdmitResult> schedule(Posted posted, Due due) {
        Lane lane = posted.event().lane();
        @Nullable AdmitResult refusal = closedForLater.refusal(lane);
        if (refusal != null) {
            return Optional.of(refusal);
        }
        Optional<AdmitResult> result = admission.schedule(posted, due);
        result.ifPresent(outcome -> closedForLater.note(lane, outcome));
        return result;
    }
}
