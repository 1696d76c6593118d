package dev.millrace.ops.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Callers side by side, each on a virtual thread with one call at a time, who share out a number of calls. */
final class Callers {
    private Callers() {}

    /** One call of one caller, both counted from 0. */
    @FunctionalInterface
    interface Call {
        void make(int caller, int call);
    }

    /**
     * Makes all calls, begun in their order, and returns how long it took, in nanoseconds.
     *
     * @throws RuntimeException the first failure of a call; no more calls are begun after it
     */
    static long run(int callers, int calls, Call call) throws InterruptedException {
        AtomicInteger next = new AtomicInteger();
        Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>(callers);
        long start = System.nanoTime();
        for (int i = 0; i < callers; i++) {
            int caller = i;
            threads.add(Thread.ofVirtual().name("caller-" + caller).start(() -> {
                try {
                    for (int mine = next.getAndIncrement(); mine < calls; mine = next.getAndIncrement()) {
                        call.make(caller, mine);
                    }
                } catch (RuntimeException e) {
                    next.set(calls);
                    failures.add(e);
                }
            }));
        }
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            next.set(calls);
            threads.forEach(Thread::interrupt);
            throw e;
        }
        long took = System.nanoTime() - start;
        RuntimeException failed = failures.peek();
        if (failed != null) {
            throw failed;
        }
        return took;
    }
}
