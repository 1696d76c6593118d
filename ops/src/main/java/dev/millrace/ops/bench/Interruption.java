package dev.millrace.ops.bench;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Ctrl-C ends a benchmark by an interrupt, so that what it has started and written is still taken away before the process ends. */
final class Interruption implements AutoCloseable {
    private static final int GRACE_SECONDS = 30;

    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread hook;

    private Interruption(Thread benchmark) {
        hook = new Thread(() -> {
            benchmark.interrupt();
            try {
                over.await(GRACE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }, "end-benchmark");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** From now on the end of the process interrupts the calling thread, and waits until this is closed. */
    static Interruption ofThisThread() {
        return new Interruption(Thread.currentThread());
    }

    /** Takes something away, although the thread may have been interrupted: most of what waits would refuse to. */
    static void undisturbed(Runnable takingAway) {
        boolean interrupted = Thread.interrupted();
        try {
            takingAway.run();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        over.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending, and the hook has been waiting for this.
        }
    }
}
