package dev.millrace.ingest.http;

import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.limit.Refusal;
import dev.millrace.ingest.limit.Refusals;
import dev.millrace.ingest.limit.Usage;
import dev.millrace.ingest.limit.UsagePage;
import dev.millrace.ingest.limit.Usages;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.ingest.read.AuditTrail;
import dev.millrace.ingest.read.PartitionStatus;
import dev.millrace.ingest.read.PartitionStatuses;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How the whole of it is, for the administrator; and what became of requests, for their clients too. */
final class MonitoringRoutes {
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1_000;
    /** Each partition is asked for so many. */
    private static final int MAX_AUDIT_LIMIT = 200;
    private static final int DEFAULT_MINUTES = 60;
    private static final String CURSOR = "cursor";
    private static final String CLIENT = "client";

    private final PartitionStatuses partitions;
    private final AuditTrail audit;
    private final Usages usages;
    private final Refusals refusals;
    private final InstantSource clock;

    MonitoringRoutes(PartitionStatuses partitions, AuditTrail audit, Usages usages, Refusals refusals, InstantSource clock) {
        this.partitions = partitions;
        this.audit = audit;
        this.usages = usages;
        this.refusals = refusals;
        this.clock = clock;
    }

    Map<Operation, Handler> handlers() {
        return Map.of(Operation.GET_PARTITIONS, this::partitions, Operation.GET_AUDIT, this::audit, Operation.GET_BLOCKED, this::blocked,
                Operation.GET_REQUESTS,
                this::requests);
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

    private void audit(Context ctx) {
        @Nullable String client = whose(ctx);
        int limit = Parameters.queryCount(ctx, "limit", DEFAULT_LIMIT, MAX_AUDIT_LIMIT);
        @Nullable String cursor = ctx.queryParam(CURSOR);
        AuditTrail.@Nullable Place after = cursor == null ? null
                : AuditTrail.Place.decode(cursor).orElseThrow(() -> Parameters.wrong(CURSOR, "must be the next of another answer"));
        Answers.json(ctx, 200, audit.page(client, after, limit));
    }

    private record Blocked(List<Refusal> items) {}

    private void blocked(Context ctx) {
        int limit = Parameters.queryCount(ctx, "limit", DEFAULT_LIMIT, Refusals.KEPT);
        Answers.json(ctx, 200, new Blocked(refusals.latest(whose(ctx), limit)));
    }

    private void requests(Context ctx) {
        @Nullable String client = whose(ctx);
        int minutes = Parameters.queryCount(ctx, "minutes", DEFAULT_MINUTES, (int) Usages.KEPT_FOR.toMinutes());
        int limit = Parameters.queryCount(ctx, "limit", DEFAULT_LIMIT, MAX_LIMIT);
        @Nullable String cursor = ctx.queryParam(CURSOR);
        @Nullable Usage after = cursor == null ? null
                : UsagePage.place(cursor).orElseThrow(() -> Parameters.wrong(CURSOR, "must be the next of another answer"));
        Instant now = clock.instant();
        Instant since = now.truncatedTo(ChronoUnit.MINUTES).minus(minutes - 1L, ChronoUnit.MINUTES);
        Answers.json(ctx, 200, usages.page(client, since, now, after, limit));
    }

    /** The client that is asked for: the caller itself, or whichever the administrator names; null for all. */
    private static @Nullable String whose(Context ctx) {
        @Nullable String named = ctx.queryParam(CLIENT) == null ? null : Parameters.queryName(ctx, CLIENT, "");
        if (Door.caller(ctx) instanceof Caller.Admin) {
            return named;
        }
        if (named != null && !named.equals(Door.client(ctx))) {
            throw new ProblemException(ProblemType.FORBIDDEN, "A client sees its own only.");
        }
        return Door.client(ctx);
    }
}
