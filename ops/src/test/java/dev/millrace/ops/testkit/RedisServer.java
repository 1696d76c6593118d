package dev.millrace.ops.testkit;

import org.jspecify.annotations.Nullable;

/** What contract tests ask of a Redis, wherever it runs: append-only, {@code noeviction}, without a password, at 127.0.0.1. */
public interface RedisServer extends AutoCloseable {
    int port();

    /** Runs one command on a connection of its own; answers and errors are those of {@link dev.millrace.ops.embedded.RedisWire#command}. */
    @Nullable String command(String... words);

    /** The address for clients. */
    default String uri() {
        return "redis://127.0.0.1:" + port();
    }

    /** Ends it. */
    @Override
    void close();
}
