package dev.millrace.ops.testkit.workload;

/**
 * A promise that was broken.
 *
 * @param promise which
 * @param times how often
 * @param example what happened the first time
 */
public record Violation(Promise promise, int times, String example) {
    /** What is promised of every load, whatever breaks meanwhile. */
    public enum Promise {
        /** What was acknowledged is completed or dead. */
        A,
        /** Each event has its effect once. */
        B,
        /** Each lane's events have their effect in the order of acceptance. */
        C,
        /** Boards, books and a plain model agree. */
        D,
        /** Nothing is left to do before long. */
        E
    }

    @Override
    public String toString() {
        return promise + " broken " + times + (times == 1 ? " time: " : " times, such as: ") + example;
    }
}
