package dev.millrace.ingest.read;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a partition is now.
 *
 * @param owner the processor that works it, where one does
 * @param epoch of its lease; the last one, where nobody holds it
 * @param leaseLeftMs how long that lease still lasts unless it is renewed
 * @param backlog unfinished events by priority
 * @param pending those of them that the owner was given
 * @param scheduled events that are not due yet
 * @param nextDueInMs how long until the next of those falls due
 * @param dead dead letters
 * @param unpersisted events that have ended and are not in Postgres yet
 * @param lanesInTrouble lanes whose head went wrong
 * @param lanesPaused lanes that someone paused
 * @param deepestLanes those with the most unfinished events, deepest first
 * @param allLanesSeen false if there are so many lanes that only some were looked at for the deepest
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PartitionStatus(int partition, @Nullable String owner, @Nullable Long epoch, long leaseLeftMs, Map<String, Long> backlog,
        long pending, long scheduled, @Nullable Long nextDueInMs, long dead, long unpersisted, long lanesInTrouble, long lanesPaused,
        List<DeepLane> deepestLanes, boolean allLanesSeen) {
    public PartitionStatus {
        deepestLanes = List.copyOf(deepestLanes);
    }

    /** A lane and how many unfinished events it holds. */
    public record DeepLane(String client, String lane, String priority, long depth) {}
}
