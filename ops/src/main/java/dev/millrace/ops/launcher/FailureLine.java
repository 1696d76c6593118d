package dev.millrace.ops.launcher;

import dev.millrace.ops.OneLine;
import dev.millrace.ops.embedded.StartupException;
import dev.millrace.persister.store.MigrationException;
import dev.millrace.persister.store.StoreUnavailableException;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.settings.SettingsException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Why a command failed, in one line for a person. */
final class FailureLine {
    private FailureLine() {}

    static String of(Throwable failure) {
        Throwable cause = unwrapped(failure);
        String message = cause.getMessage();
        if (message == null || message.isBlank()) {
            return unexpected(cause, "");
        }
        return switch (cause) {
            case SettingsException _,StartupException _,RedisUnavailableException _,StoreUnavailableException _,MigrationException _,IllegalStateException _ ->
                OneLine.of(message);
            default -> unexpected(cause, ": " + OneLine.of(message));
        };
    }

    private static String unexpected(Throwable cause, String message) {
        return cause.getClass().getSimpleName() + message + " (MILLRACE_LOG_LEVEL=debug shows where)";
    }

    private static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
