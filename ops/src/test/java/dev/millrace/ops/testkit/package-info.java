/**
 * Real servers for tests. {@link dev.millrace.ops.testkit.RealRedis} on a test class injects the Redis that all test classes of the JVM
 * share, emptied for this class; {@link dev.millrace.ops.testkit.RealPostgres} a fresh database in a shared Postgres;
 * {@link dev.millrace.ops.testkit.ServerSource} says where these run; {@link dev.millrace.ops.testkit.TestServers} has the options for servers of a test's own.
 */
@NullMarked
package dev.millrace.ops.testkit;

import org.jspecify.annotations.NullMarked;
