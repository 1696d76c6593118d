package dev.millrace.ops.bench;

import java.util.List;

/** One run of a scenario: measures it, then the ceiling by plain commands, and checks what came of the events. */
interface Trial {
    /**
     * Runs once.
     *
     * @param workspace empty, and of this run alone
     * @param events how many to send
     * @return the same figures in the same order at every run
     * @throws MismatchException if an event was lost, doubled or changed
     */
    List<Figure> run(Workspace workspace, int events) throws InterruptedException;
}
