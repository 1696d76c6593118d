package dev.millrace.persister.store;

/**
 * What a transaction changed; all are 0 where it was a replay.
 *
 * @param players rows of the boards that were inserted or got a newer state
 * @param events rows of the histories that were inserted
 */
public record Written(int players, int events) {
    static final Written NOTHING = new Written(0, 0);
}
