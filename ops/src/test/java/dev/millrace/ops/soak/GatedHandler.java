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

/** Notes each event's data in a file while another file, its gate, is there, and fails for as long as it is not. */
public final class GatedHandler implements EffectHandler {
    static final String TYPE = "soak.gated";
    /** The variables that name the files. */
    static final String GATE = "SOAK_GATE";
    static final String NOTES = "SOAK_NOTES";
    /** As often as it takes: the head of the lane is never given up. */
    private static final Policy POLICY = new Policy(1_000_000, 3, Duration.ofSeconds(5), 16, Duration.ofMillis(50), Duration.ofMillis(500),
            AfterDead.CONTINUE, List.of());

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Policy policy() {
        return POLICY;
    }

    @Override
    public Outcome handle(HandlerContext context) throws IOException {
        if (!Files.exists(Path.of(System.getenv(GATE)))) {
            return Outcome.retry("the gate is closed");
        }
        Files.writeString(Path.of(System.getenv(NOTES)), context.event().data() + "\n", StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        return Outcome.done();
    }
}
