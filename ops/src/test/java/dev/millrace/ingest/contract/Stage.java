package dev.millrace.ingest.contract;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.processor.Processor;
import dev.millrace.processor.effect.EffectHandler;
import dev.millrace.processor.effect.HandlerContext;
import dev.millrace.processor.effect.OncePostgres;
import dev.millrace.processor.effect.Outcome;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * An API with all that its examples speak of: event types, limits, and a processor whose handlers fail where a lane's name says so.
 *
 * @param space where it keeps everything
 */
record Stage(RunningApi api, Processor processor, RedisSpace space) implements AutoCloseable {
    /** Events of this lane die of their first try. */
    static final String DEADLY = "deadly";
    /** Events of this lane fail, and are to be tried again much later. */
    static final String FAILING = "failing";
    /** Clients of this tier have one request a month. */
    static final String NARROW = "narrow";

    private static final String ADDRESS = "127.0.0.1";

    static Stage start(RedisSpace space, Path folder) throws IOException {
        Path types = Files.createDirectory(folder.resolve("types"));
        List<String> names = List.of("order.paid", "order.paid.v2", "order.remind", "job.email");
        for (String type : names) {
            Files.writeString(types.resolve(type + ".json"), "{}");
        }
        Path limits = Files.writeString(folder.resolve("limits.conf"), """
                rules {
                  default { scope = client, algorithm = fixed-window, quota = 100000, window = 1m }
                  narrow { scope = client, algorithm = fixed-window, quota = 1, window = 31d, tiers = [%s] }
                }
                """.formatted(NARROW));
        RunningApi api = RunningApi.start(space, Map.of("MILLRACE_TYPES", types.toString(), "MILLRACE_LIMITS", limits.toString(),
                "MILLRACE_RUN_AT_MAX", "3650d",
                "MILLRACE_REDIS_TIMEOUT", "10s"),
                EventHistory.none());
        List<EffectHandler> handlers = names.stream().<EffectHandler>map(Worker::new).toList();
        Processor processor = new Processor(api.settings(), handlers, OncePostgres.none(), new SimpleMeterRegistry());
        processor.start();
        return new Stage(api, processor, space);
    }

    /** Does what the name of the lane says. */
    private record Worker(String type) implements EffectHandler {
        @Override
        public Outcome handle(HandlerContext context) {
            return switch (context.event().lane().name()) {
                case DEADLY -> Outcome.dead("no such order");
                case FAILING -> Outcome.retryAfter(Duration.ofHours(1), "the shop answered 503");
                default -> Outcome.done();
            };
        }
    }

    /** Forgets who failed to log in. */
    void forgive() {
        space.server().command("DEL", failuresOfAda(), failuresOfAddress());
        space.server().command("DEL", api.namespace().keys().userFailures("acme", "ada", ADDRESS));
    }

    /** Makes the next try of a user or an address wait, as after too many that failed. */
    void delay(String failures) {
        space.server().command("HSET", failures, "until", Long.toString(Instant.now().plusSeconds(50).toEpochMilli()));
    }

    String failuresOfAda() {
        return api.namespace().keys().userFailures("acme", "ada");
    }

    String failuresOfAddress() {
        return api.namespace().keys().addressFailures(ADDRESS);
    }

    @Override
    public void close() {
        processor.stop(Duration.ofSeconds(10));
        api.close();
    }
}
