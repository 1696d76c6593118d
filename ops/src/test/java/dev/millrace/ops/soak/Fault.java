package dev.millrace.ops.soak;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** What breaks in a run; numbered as in {@code ops/docs/RELIABILITY.md}. */
enum Fault {
    PROCESSOR_CRASH(1, "processor killed", Recovery.AFTER_LEASE),
    ZOMBIE(2, "processor stopped in the middle of a batch for three lease times", Recovery.AFTER_LEASE),
    ZOMBIE_BOOKS(2, "persister stopped before it writes for three lease times", Recovery.AFTER_LOCKS),
    CRASH_BETWEEN_STEPS(3, "processor killed between read, commit and board", Recovery.AFTER_LEASE),
    INGEST_CRASH(4, "ingest-api killed after the append", Recovery.AFTER_LEASE),
    PERSISTER_CRASH(5, "persister killed around COMMIT", Recovery.AFTER_LEASE),
    REDIS_CRASH(6, "Redis killed and started again", Recovery.AFTER_RETURN),
    MEMORY_FULL(13, "Redis at maxmemory", Recovery.AFTER_RETURN),
    REPLY_LOST(17, "replies of Redis lost after execution", Recovery.AFTER_RETURN),
    POSTGRES_CRASH(18, "Postgres killed, read-only, failed over", Recovery.AFTER_RETURN),
    POSTGRES_LOCKS(19, "Postgres deadlocked and locked by others", Recovery.AFTER_RETURN),
    POISON(20, "an event that kills its processor", Recovery.AFTER_RETURN),
    GROUPS_GONE(22, "groups destroyed, scripts flushed", Recovery.AFTER_RETURN),
    SCALING(23, "scaled 1 → 4 → 1 with SIGTERM", Recovery.AFTER_LEASE);

    private final int number;
    private final String title;
    private final Duration recovery;

    Fault(int number, String title, Duration recovery) {
        this.number = number;
        this.title = title;
        this.recovery = recovery;
    }

    /** All of a number: what it means for one role, and for another. */
    static List<Fault> of(int number) {
        return Stream.of(values()).filter(fault -> fault.number == number).toList();
    }

    int number() {
        return number;
    }

    String title() {
        return title;
    }

    /** Within what time after it everything is worked that was accepted before. */
    Duration recovery() {
        return recovery;
    }

    /** How many runs, each with another seed, its row in the table is made of. */
    int usualRuns() {
        return number <= 5 && this != ZOMBIE_BOOKS ? 20 : 5;
    }

    /** What happens in a run: starts the processes, begins the load, and returns when the last fault is over. */
    void play(Scene scene) throws Exception {
        switch (this) {
            case PROCESSOR_CRASH -> ProcessFaults.processorCrash(scene);
            case ZOMBIE -> ProcessFaults.zombie(scene);
            case ZOMBIE_BOOKS -> ProcessFaults.zombieBooks(scene);
            case CRASH_BETWEEN_STEPS -> ProcessFaults.crashBetweenSteps(scene);
            case INGEST_CRASH -> ProcessFaults.ingestCrash(scene);
            case PERSISTER_CRASH -> ProcessFaults.persisterCrash(scene);
            case REDIS_CRASH -> StoreFaults.redisCrash(scene);
            case MEMORY_FULL -> StoreFaults.memoryFull(scene);
            case REPLY_LOST -> StoreFaults.repliesLost(scene);
            case POSTGRES_CRASH -> StoreFaults.postgresAway(scene);
            case POSTGRES_LOCKS -> StoreFaults.postgresLocked(scene);
            case POISON -> PoisonFaults.poison(scene);
            case GROUPS_GONE -> StoreFaults.groupsGone(scene);
            case SCALING -> ProcessFaults.scaling(scene);
        }
    }
}
