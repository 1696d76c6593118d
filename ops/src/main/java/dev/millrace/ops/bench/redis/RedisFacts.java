package dev.millrace.ops.bench.redis;

/**
 * How a Redis is set up, as far as its speed depends on it.
 *
 * @param appendOnly {@code off}, or when the append-only file is forced to disk; {@code on} where Redis does not tell
 */
public record RedisFacts(String version, String appendOnly) {}
