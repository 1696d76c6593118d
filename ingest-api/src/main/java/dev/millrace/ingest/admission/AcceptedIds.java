package dev.millrace.ingest.admission;

import dev.millrace.ingest.admission.AdmitResult.Replayed;
import dev.millrace.ingest.admission.AdmitResult.Scheduled;
import dev.millrace.schema.event.EventIds;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.StreamId;
import java.time.Instant;

/**
 * Makes event ids of what the scripts remember of an accepted event: its stream id, or {@code s<id>@<due in ms>} where it went into the
 * schedule.
 */
final class AcceptedIds {
    private static final char SCHEDULED = 's';
    private static final char DUE = '@';

    private final EventIds ids;

    AcceptedIds(EventIds ids) {
        this.ids = ids;
    }

    String inStream(Lane lane, int partition, String streamId) {
        return ids.encode(lane.client(), new EventRef(partition, lane.priority(), StreamId.parse(streamId)));
    }

    Scheduled inSchedule(Lane lane, int partition, String id, Instant due) {
        return new Scheduled(ids.encode(lane.client(), new EventRef(partition, lane.priority(), StreamId.parse(id), true)), partition, due);
    }

    Replayed replayed(Lane lane, int partition, String remembered) {
        if (remembered.charAt(0) != SCHEDULED) {
            return new Replayed(inStream(lane, partition, remembered), partition, null);
        }
        int at = remembered.indexOf(DUE);
        Scheduled first = inSchedule(lane, partition, remembered.substring(1, at),
                Instant.ofEpochMilli(Long.parseLong(remembered, at + 1, remembered.length(), 10)));
        return new Replayed(first.eventId(), partition, first.runAt());
    }
}
