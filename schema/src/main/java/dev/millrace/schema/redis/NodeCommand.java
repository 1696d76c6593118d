package dev.millrace.schema.redis;

import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.concurrent.CompletionStage;

/** One command on a connection to one server. */
@FunctionalInterface
interface NodeCommand<T> {
    CompletionStage<T> send(RedisAsyncCommands<String, byte[]> commands);
}
