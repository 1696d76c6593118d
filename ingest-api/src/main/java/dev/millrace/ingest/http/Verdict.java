package dev.millrace.ingest.http;

import dev.millrace.ingest.admission.AdmitResult;
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
import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.Problem.Outcome;
import dev.millrace.ingest.problem.ProblemType;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What became of a posted event, in the words of HTTP. */
sealed interface Verdict {
    /** A full lane or queue empties by thousands a second, as long as it empties at all. */
    Duration SOON = Duration.ofSeconds(1);

    /**
     * It was accepted: 202.
     *
     * @param runAt when it falls due, if it was scheduled
     * @param replayed whether it had been accepted before
     */
    record Taken(String id, int partition, @Nullable Instant runAt, boolean replayed) implements Verdict {}

    /** It was not. */
    record Refused(Problem problem) implements Verdict {}

    /** Says it of a result. */
    static Verdict of(AdmitResult result) {
        return switch (result) {
            case Accepted(String id, int partition) -> new Taken(id, partition, null, false);
            case Scheduled(String id, int partition, Instant runAt) -> new Taken(id, partition, runAt, false);
            case Replayed(String id, int partition, Instant runAt) -> new Taken(id, partition, runAt, true);
            case Conflict() -> new Refused(Problem.of(ProblemType.KEY_REUSED,
                    "An event with this id or Idempotency-Key and other content was accepted before."));
            case QueueFull() -> full(ProblemType.QUEUE_FULL, SOON);
            case MemoryFull() -> new Refused(Problem.of(ProblemType.UNAVAILABLE, "The event was not appended: memory runs out.")
                    .retryAfter(SOON).outcome(Outcome.NOT_APPENDED));
            case LaneFull() -> full(ProblemType.LANE_FULL, SOON);
            case ClientFull() -> full(ProblemType.CLIENT_FULL, SOON);
            case ScheduleFull() -> full(ProblemType.SCHEDULE_FULL, SOON);
            case DedupeFull(Duration forThis) -> full(ProblemType.DEDUPE_FULL, forThis);
            case Unavailable(boolean outcomeUnknown) -> new Refused(unavailable(outcomeUnknown ? Outcome.UNKNOWN : Outcome.NOT_APPENDED));
        };
    }

    private static Refused full(ProblemType type, Duration retryAfter) {
        return new Refused(Problem.of(type, "Nothing was appended; try again later.").retryAfter(retryAfter));
    }

    private static Problem unavailable(Outcome outcome) {
        String detail = switch (outcome) {
            case NOT_APPENDED -> "The event was not appended.";
            case UNKNOWN -> "Whether the event was appended is unknown; the same post with the same id or Idempotency-Key is safe.";
        };
        return Problem.of(ProblemType.UNAVAILABLE, detail).retryAfter(SOON).outcome(outcome);
    }
}
