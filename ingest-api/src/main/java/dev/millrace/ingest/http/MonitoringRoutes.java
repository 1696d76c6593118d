package dev.millrace.ingest.http;

import dev.millrace.ingest.read.PartitionStatus;
import dev.millrace.ingest.read.PartitionStatuses;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How the whole of it is, for the administrator. */
final class MonitoringRoutes {
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1_000;
    private static final String CURSOR = "cursor";

    private final PartitionStatuses partitions;

    MonitoringRoutes(PartitionStatuses partitions) {
        this.partitions = partitions;
    }

    Map<Operation, Handler> handlers() {
        return Map.of(Operation.GET_PARTITIONS, this::partitions);
    }

    private record Page(List<PartitionStatus> items, @Nullable String next) {}

    private void partitions(Context ctx) {
        int limit = Parameters.queryCount(ctx, "limit", DEFAULT_LIMIT, MAX_LIMIT);
        // The cursor is the number of the next partition; 0 is where one begins without a cursor.
        int first = ctx.queryParam(CURSOR) == null ? 0 : Parameters.queryCount(ctx, CURSOR, 1, partitions.count());
        List<PartitionStatus> items = partitions.list(first, limit);
        int next = first + items.size();
        Answers.json(ctx, 200, new Page(items, next < partitions.count() ? Integer.toString(next) : null));
    }
}
