package dev.millrace.ops.bench;

import dev.millrace.ops.bench.HttpLoad.Came;
import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * What a server in this process did under a load, and what that cost.
 *
 * @param came of the load
 * @param javaMicros processor time of this process, save the load's own
 * @param redisMicros processor time of Redis's main thread
 */
record ServerCost(Came came, long javaMicros, long redisMicros) {
    /** Sends a load. */
    @FunctionalInterface
    interface Sending {
        Came send() throws InterruptedException;
    }

    /** Measures a server while a load is sent. */
    static ServerCost of(Workspace workspace, Sending sending) throws InterruptedException {
        long redisBefore = workspace.plain().processorMicros();
        long javaBefore = ownMicros();
        Came came = sending.send();
        return new ServerCost(came, ownMicros() - javaBefore - came.ownMicros(), workspace.plain().processorMicros() - redisBefore);
    }

    /** Processor time that this process has used, in microseconds; 0 where that is not known. */
    static long ownMicros() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getProcessCpuTime() / 1_000
                : 0;
    }

    /**
     * Processor time of this process and of Redis, each beside what the bare server took.
     *
     * @param name of the scenario and the load
     * @param thing that was counted
     */
    List<Figure> beside(ServerCost bare, String name, String thing, int things) {
        return List.of(
                Figure.micros(name + ", the API's JVM, " + thing, (double) javaMicros / things).under((double) bare.javaMicros() / things),
                Figure.micros(name + ", Redis's main thread, " + thing, (double) redisMicros / things)
                        .under((double) bare.redisMicros() / things));
    }
}
