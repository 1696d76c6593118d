package dev.millrace.ingest.http;

import dev.millrace.schema.service.Health;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.util.Map;
import java.util.function.Supplier;

/** What the service says of itself: whether it lives, whether it can work, and what it offers. */
final class ServiceRoutes {
    private static final String OK = "UP";

    private final Supplier<Health> health;
    private final ServedFile openApi = new ServedFile("/dev/millrace/ingest/http/openapi.yaml", Answers.YAML);

    ServiceRoutes(Supplier<Health> health) {
        this.health = health;
    }

    Map<Operation, Handler> handlers() {
        return Map.of(Operation.LIVENESS, ctx -> Answers.json(ctx, 200, new Status(OK)), Operation.READINESS, this::readiness,
                Operation.HEALTH, this::health, Operation.OPENAPI, openApi::answer);
    }

    private record Status(String status) {}

    private void readiness(Context ctx) {
        Health now = health.get();
        Answers.json(ctx, status(now), new Status(now.status().name()));
    }

    private void health(Context ctx) {
        Health now = health.get();
        Answers.json(ctx, status(now), now);
    }

    private static int status(Health health) {
        return health.ready() ? 200 : 503;
    }
}
