package dev.millrace.schema.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What the driver's failures mean to a caller: whether Redis is there, and whether the command may have run. */
final class Failure {
    /**
     * First words of errors that pass, and after which no part of the command has run: starting, failing over, moving a slot, out of memory or
     * disk, too few replicas, a script that runs too long.
     */
    private static final Set<
            String> NOT_NOW = Set.of("LOADING", "MASTERDOWN", "CLUSTERDOWN", "MOVED", "ASK", "TRYAGAIN", "READONLY", "BUSY",
                    "OOM", "MISCONF", "NOREPLICAS");

    private Failure() {}

    /** What a caller is to be told. */
    static RuntimeException of(Throwable failure) {
        Throwable cause = cause(failure);
        return switch (cause) {
            case RedisUnavailableException e -> e;
            // The server's own refusal: it is there, and has not run the command or has said why it stopped.
            case RedisCommandExecutionException e when !NOT_NOW.contains(word(e)) -> e;
            case RedisCommandExecutionException e -> new RedisUnavailableException("Redis is not ready: " + e.getMessage(), false, e);
            case RedisConnectionException e -> new RedisUnavailableException("no connection to Redis: " + rootMessage(e), true, e);
            case RedisException e -> new RedisUnavailableException("Redis failed: " + rootMessage(e), !neverSent(e), e);
            default -> new RedisUnavailableException("Redis failed: " + rootMessage(cause), true, cause);
        };
    }

    static Throwable cause(Throwable failure) {
        Throwable cause = failure.getCause();
        return cause != null && (failure instanceof CompletionException || failure instanceof ExecutionException) ? cause : failure;
    }

    static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    private static String word(RedisCommandExecutionException e) {
        return e.getMessage() == null ? "" : e.getMessage().split("[ :]", 2)[0];
    }

    private static boolean neverSent(RedisException e) {
        String message = e.getMessage();
        return message != null && (message.contains("rejected") || message.contains("queue size exceeded"));
    }
}
