package dev.millrace.ops.bench.redis;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Waits for Redis's answers. */
final class Answers {
    private Answers() {}

    /** Waits for one; a refusal or a lost connection ends the benchmark. */
    static <T> T await(Future<T> answer) throws InterruptedException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Redis failed: " + e.getCause(), e);
        }
    }
}
