package dev.millrace.ops.soak;

import dev.millrace.ops.testkit.RedisProxy;
import dev.millrace.ops.testkit.RoleProcess;

/** A process and its own ways to Redis and Postgres, on which it can be caught in the act. */
record Member(RoleProcess process, RedisProxy toRedis, RedisProxy toPostgres) {

    /** The way on which a step passes. */
    RedisProxy way(Step step) {
        return step.inPostgres() ? toPostgres : toRedis;
    }
}
