package dev.millrace.ops.soak;

import dev.millrace.processor.effect.EffectHandler;
import dev.millrace.processor.effect.HandlerContext;
import dev.millrace.processor.effect.Outcome;
import dev.millrace.schema.settings.Policy;
import dev.millrace.schema.settings.Policy.AfterDead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/** Notes each event in a file that all processes share; ends its process where the event says so, and fails at first where it says that. */
public final class NotingHandler implements EffectHandler {
    static final String TYPE = "soak.note";
    /** The variable that names the file. */
    static final String FILE = "SOAK_NOTES";
    /** The event's data: what is to happen. */
    static final String WORKS = "\"works\"";
    static final String FAILS_AT_FIRST = "\"fails-at-first\"";
    static final String KILLS = "\"kills\"";
    static final int CRASHES = 3;

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Policy policy() {
        return new Policy(5, CRASHES, Duration.ofSeconds(5), 16, Duration.ofMillis(50), Duration.ofMillis(200), AfterDead.CONTINUE,
                List.of());
    }

    @Override
    public Outcome handle(HandlerContext context) throws IOException {
        String data = context.event().data();
        if (data.equals(KILLS)) {
            Runtime.getRuntime().halt(1);
        }
        if (data.equals(FAILS_AT_FIRST) && context.attempt() == 1) {
            return Outcome.retry("not at first");
        }
        // One write at the end of a file is whole, whoever else writes there.
        Files.writeString(Path.of(System.getenv(FILE)), String.join(" ", context.event().lane().name(),
                context.event().producerId(), Long.toString(context.epoch())) + "\n",
                StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return Outcome.done();
    }
}
