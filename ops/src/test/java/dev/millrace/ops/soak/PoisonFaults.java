package dev.millrace.ops.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ops.endtoend.Installation;
import dev.millrace.schema.event.ScoreOp;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Events that can't be worked. */
final class PoisonFaults {
    private static final int LANES = 20;
    private static final int ROUNDS = 6;

    private PoisonFaults() {}

    /** An event that kills whoever works it, among others of the same and of other lanes, and one that nobody can read. */
    static void poison(Scene scene) {
        List<Member> processors = scene.start(Installation.PROCESSOR, Installation.PROCESSOR, Installation.PERSISTER).subList(0, 2);
        scene.beginLoad();
        AtomicInteger killed = new AtomicInteger();
        for (Duration _ : scene.moments(1)) {
            int poisoned = scene.random.nextInt(LANES);
            for (int round = 0; round < ROUNDS; round++) {
                for (int lane = 0; lane < LANES; lane++) {
                    boolean kills = lane == poisoned && round == ROUNDS / 2;
                    scene.notes.post("poisoned" + lane, "poisoned" + lane + "-" + round, kills ? NotingHandler.KILLS : NotingHandler.WORKS);
                }
            }
            scene.notes.postUnreadable(ScoreOp.ADD.type(), "{\"player\":7}");
            scene.notes.awaitOutcomes(Scene.PATIENCE, () -> {
                for (Member member : List.copyOf(processors)) {
                    if (!member.process().isAlive()) {
                        killed.incrementAndGet();
                        processors.set(processors.indexOf(member), scene.launch(Installation.PROCESSOR));
                    }
                }
            });
        }
        scene.expect(() -> assertThat(killed.get()).as("processes that the event has killed")
                .isBetween(NotingHandler.CRASHES, NotingHandler.CRASHES + 1));
    }
}
