package dev.millrace.ops.testkit.workload;

import dev.millrace.ingest.admission.Admission;
import dev.millrace.ingest.admission.AdmitResult;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.settings.AdmissionSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.List;

/** The door without HTTP around it, inside the test's own process: for volume. */
public final class AdmissionDoor implements Door {
    private final Admission admission;

    public AdmissionDoor(Redis redis, Namespace namespace, AdmissionSettings settings) {
        this.admission = new Admission(redis, namespace, settings, new SimpleMeterRegistry(), Clock.systemUTC());
    }

    @Override
    public List<Answer> post(List<ScoreEvent> events) {
        return admission.admit(events.stream().map(ScoreEvent::toEvent).toList()).stream().map(AdmissionDoor::answer).toList();
    }

    private static Answer answer(AdmitResult result) {
        return switch (result) {
            case AdmitResult.Accepted accepted -> new Answer.Accepted(accepted.eventId(), false);
            case AdmitResult.Scheduled scheduled -> new Answer.Accepted(scheduled.eventId(), false);
            case AdmitResult.Replayed replayed -> new Answer.Accepted(replayed.eventId(), true);
            case AdmitResult.Unavailable unavailable when unavailable.outcomeUnknown() -> new Answer.Unknown("Redis did not answer");
            case AdmitResult.Unavailable _ -> new Answer.NotNow("Redis is away");
            case AdmitResult.MemoryFull _,AdmitResult.QueueFull _,AdmitResult.LaneFull _,AdmitResult.ClientFull _,AdmitResult.ScheduleFull _,AdmitResult.DedupeFull _ ->
                new Answer.NotNow(result.toString());
            case AdmitResult.Conflict _ -> new Answer.Refused("same id, other content");
        };
    }

    @Override
    public void close() {}
}
