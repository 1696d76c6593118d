package dev.millrace.ops.soak;

import dev.millrace.ops.testkit.workload.Violation.Promise;

/** An engine with a fault of design, of the kinds that engines have had; the fault that brings it to light, and the promise it breaks then. */
enum Mutant {
    /** Whoever was given a partition once may go on for ever. */
    NO_FENCING(Fault.ZOMBIE, 3, Promise.B),
    /** The process still looks at its lease, and at every read; but a batch that it has begun it brings to its end. */
    LEASE_NOT_CHECKED_IN_A_BATCH(Fault.ZOMBIE, 3, Promise.B),
    /** What was read is done. */
    ACKNOWLEDGED_BEFORE_APPLIED(Fault.CRASH_BETWEEN_STEPS, 24, Promise.A),
    /** What was not finished goes to the end of the queue. */
    RETRIED_BY_APPENDING_AGAIN(Fault.CRASH_BETWEEN_STEPS, 24, Promise.C),
    /** The newest few are kept, whoever needs the others. */
    TRIMMED_BY_LENGTH(Fault.POSTGRES_CRASH, 4, Promise.A),
    /** Whoever writes last is right. */
    NO_VERSION_GUARD(Fault.ZOMBIE_BOOKS, 4, Promise.D);

    private final Fault fault;
    private final long seed;
    private final Promise breaks;

    Mutant(Fault fault, long seed, Promise breaks) {
        this.fault = fault;
        this.seed = seed;
        this.breaks = breaks;
    }

    Fault fault() {
        return fault;
    }

    /** Of a run in which the fault strikes where it hurts. */
    long seed() {
        return seed;
    }

    Promise breaks() {
        return breaks;
    }

    void make(Mutation mutation) {
        switch (this) {
            case NO_FENCING -> {
                mutation.alwaysFalse("processor.engine.Tenure", "over").unfenced("processor/engine/read.lua")
                        .unfenced("processor/engine/unfinished.lua").unfenced("processor/engine/renew.lua")
                        .unfenced("processor/engine/lane/begin.lua").unfenced("processor/engine/lane/commit.lua")
                        .unfenced("processor/handler/boarded.lua")
                        .unfenced("persister/persisted.lua")
                        .script("processor/handler/board.lua", "if my_epoch < epoch then", "if false then")
                        .script("processor/handler/board.lua", "if my_epoch == epoch and", "if false and");
            }
            case LEASE_NOT_CHECKED_IN_A_BATCH ->
                mutation.alwaysFalse("processor.engine.Tenure", "over").unfenced("processor/engine/lane/commit.lua");
            case ACKNOWLEDGED_BEFORE_APPLIED -> mutation.script("processor/engine/read.lua", "table.insert(answer[n + 1], got[j])", """
                    table.insert(answer[n + 1], got[j])
                    redis.call('XACK', KEYS[3 + n], ARGV[3], got[j][1])
                    redis.call('XDEL', KEYS[3 + n], got[j][1])
                    """);
            case RETRIED_BY_APPENDING_AGAIN -> mutation.script("processor/engine/unfinished.lua", "entries[#entries + 1] = entry", """
                    redis.call('XADD', KEYS[2], '*', 'o', 'e' .. last, unpack(entry[2]))
                    redis.call('XACK', KEYS[2], ARGV[3], last)
                    redis.call('XDEL', KEYS[2], last)
                    """);
            case TRIMMED_BY_LENGTH -> mutation.script("processor/engine/lane/commit.lua", "redis.call('XADD', KEYS[6], '*',",
                    "redis.call('XADD', KEYS[6], 'MAXLEN', '3', '*',");
            case NO_VERSION_GUARD -> mutation.alwaysFalse("persister.batch.PartitionProgress", "covers")
                    .calling("persister.store.Books", "writePlayers", "lt", "ne");
        }
    }
}
