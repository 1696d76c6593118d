package dev.millrace.schema.redis;

import dev.millrace.schema.settings.RedisSettings;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One role's way to Redis: a connection that is shared by pipelining, a time-out on every command, and a circuit that refuses at once while
 * Redis is away, so that no caller hangs behind a server that does not answer.
 *
 * <p>
 * Commands are never re-sent after a reconnect: a script whose answer was lost may have run, and a fenced read that ran twice would skip
 * entries. The caller is told that the outcome is unknown and decides.
 */
public final class Redis implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Redis.class);
    private static final RedisCodec<String, byte[]> CODEC = RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);
    /** Nobody waits for a greeting as they do for a command; one that is cut short on a busy machine would only have to begin again. */
    private static final Duration HANDSHAKE = Duration.ofSeconds(5);
    private static final Duration PROBE_EVERY = Duration.ofMillis(200);
    private static final Pattern POLICY = Pattern.compile("maxmemory_policy:([a-z-]+)");
    /** Beyond this many commands in flight the server is not keeping up, and refusing is kinder than queueing. */
    private static final int MAX_IN_FLIGHT = 65_536;

    /** First words of errors that pass: starting, failing over, out of memory or disk, too few replicas, a script that runs too long. */
    private static final Set<String> NOT_NOW = Set.of("LOADING", "MASTERDOWN", "CLUSTERDOWN", "READONLY", "BUSY", "OOM", "MISCONF",
            "NOREPLICAS");

    private final RedisClient client;
    private final StatefulRedisConnection<String, byte[]> connection;
    private final Duration timeout;
    private final Thread probe;
    private volatile boolean open = true;
    private volatile boolean answering = true;

    private Redis(RedisClient client, StatefulRedisConnection<String, byte[]> connection, Duration timeout) {
        this.client = client;
        this.connection = connection;
        this.timeout = timeout;
        this.probe = Thread.ofVirtual().name("redis-probe").start(this::probeUntilClosed);
    }

    /**
     * Connects.
     *
     * @param timeout how long one command may take before its caller is told that the outcome is unknown
     * @throws RedisUnavailableException if there is no Redis at the address
     */
    public static Redis connect(RedisSettings settings, Duration timeout) {
        RedisURI uri = RedisURI.create(settings.url());
        uri.setTimeout(HANDSHAKE);
        RedisClient client = RedisClient.create(uri);
        client.setOptions(ClientOptions.builder().autoReconnect(true).disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
                .replayFilter(command -> true).requestQueueSize(MAX_IN_FLIGHT)
                .socketOptions(SocketOptions.builder().connectTimeout(Duration.ofSeconds(2)).keepAlive(true).tcpNoDelay(true).build())
                .timeoutOptions(TimeoutOptions.builder().timeoutCommands(false).build()).build());
        try {
            return new Redis(client, client.connect(CODEC), timeout);
        } catch (RedisException e) {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
            throw new RedisUnavailableException("no Redis answers at " + settings.display() + ": " + rootMessage(e), false, e);
        }
    }

    /** Whether Redis answered lately; false from the first time-out or disconnect until a probe is answered. */
    public boolean available() {
        return answering && connection.isOpen();
    }

    /**
     * Runs a script and waits for its answer.
     *
     * @throws RedisUnavailableException if Redis is away or did not answer in time
     * @throws RedisCommandExecutionException if the script failed inside Redis
     */
    public Reply eval(Script script, List<String> keys, List<byte[]> args) {
        return await(evalAsync(script, keys, args));
    }

    /** Sends a script; the stage fails like {@link #eval}, save that no time-out is kept. */
    public CompletionStage<Reply> evalAsync(Script script, List<String> keys, List<byte[]> args) {
        script.checkKeys(keys.size());
        if (!available()) {
            return CompletableFuture.failedFuture(new RedisUnavailableException("Redis is away"));
        }
        String[] keyArray = keys.toArray(String[]::new);
        byte[][] argArray = args.toArray(byte[][]::new);
        RedisAsyncCommands<String, byte[]> commands = connection.async();
        CompletionStage<List<Object>> first = commands.evalsha(script.sha1(), ScriptOutputType.MULTI, keyArray, argArray);
        return first.exceptionallyCompose(failure -> cause(failure) instanceof RedisNoScriptException
                ? commands.eval(script.source(), ScriptOutputType.MULTI, keyArray, argArray)
                : CompletableFuture.failedFuture(failure)).thenApply(Reply::new);
    }

    public byte @Nullable [] get(String key) {
        return await(command(commands -> commands.get(key)));
    }

    /** Values in the order of the keys, null where there is none; the keys must share a slot. */
    public List<byte @Nullable []> mget(List<String> keys) {
        List<KeyValue<String, byte[]>> found = await(command(commands -> commands.mget(keys.toArray(String[]::new))));
        List<byte @Nullable []> values = new ArrayList<>(found.size());
        for (KeyValue<String, byte[]> value : found) {
            values.add(value.getValueOrElse(null));
        }
        return values;
    }

    public Map<String, byte[]> hgetall(String key) {
        return new HashMap<>(await(command(commands -> commands.hgetall(key))));
    }

    /** A section of INFO, such as {@code memory}. */
    public String info(String section) {
        return await(command(commands -> commands.info(section)));
    }

    /**
     * Fails unless Redis is set up to refuse writes when its memory is full; any other policy would throw unfinished events away. Where INFO
     * is forbidden or does not say, the operator is trusted.
     *
     * @throws IllegalStateException if another policy is set; the message says what to change
     */
    public void requireNoEviction() {
        Matcher policy = POLICY.matcher(info("memory"));
        if (policy.find() && !policy.group(1).equals("noeviction")) {
            throw new IllegalStateException("Redis would evict events when its memory is full (maxmemory-policy " + policy.group(1)
                    + "); set maxmemory-policy noeviction");
        }
    }

    /** Sends one command at once or fails at once; for the few that are not scripts. */
    public <T> CompletionStage<T> command(Command<T> command) {
        if (!available()) {
            return CompletableFuture.failedFuture(new RedisUnavailableException("Redis is away"));
        }
        return command.send(connection.async());
    }

    /**
     * Waits for an answer, no longer than the time-out.
     *
     * @throws RedisUnavailableException if Redis is away or did not answer in time
     */
    public <T> T await(CompletionStage<T> answer) {
        try {
            return answer.toCompletableFuture().get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            if (answering) {
                LOG.warn("Redis did not answer within {} ms; refusing commands until it does", timeout.toMillis());
            }
            answering = false;
            throw new RedisUnavailableException("Redis did not answer within " + timeout.toMillis() + " ms", true, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RedisUnavailableException("interrupted while waiting for Redis", true, e);
        } catch (ExecutionException e) {
            throw failure(cause(e));
        }
    }

    /** A connection of its own for commands that block, because nothing may queue behind those. The caller closes it. */
    public StatefulRedisConnection<String, byte[]> connectForBlocking() {
        return client.connect(CODEC);
    }

    @Override
    public void close() {
        open = false;
        probe.interrupt();
        connection.close();
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }

    /** One command on the shared connection. */
    @FunctionalInterface
    public interface Command<T> {
        CompletionStage<T> send(RedisAsyncCommands<String, byte[]> commands);
    }

    private static RuntimeException failure(Throwable cause) {
        return switch (cause) {
            case RedisUnavailableException e -> e;
            // The server's own refusal: it is there, and has not run the command or has said why it stopped.
            case RedisCommandExecutionException e when !refusesForNow(e) -> e;
            case RedisCommandExecutionException e -> new RedisUnavailableException("Redis is not ready: " + e.getMessage(), false, e);
            case RedisConnectionException e -> new RedisUnavailableException("no connection to Redis: " + rootMessage(e), true, e);
            case RedisException e -> new RedisUnavailableException("Redis failed: " + rootMessage(e), !neverSent(e), e);
            default -> new RedisUnavailableException("Redis failed: " + rootMessage(cause), true, cause);
        };
    }

    /** Whether the server says that it can't take this command now: it has run no part of it. */
    private static boolean refusesForNow(RedisCommandExecutionException e) {
        String message = e.getMessage();
        return message != null && NOT_NOW.contains(message.split("[ :]", 2)[0]);
    }

    private static boolean neverSent(RedisException e) {
        String message = e.getMessage();
        return message != null && (message.contains("rejected") || message.contains("Request queue size exceeded"));
    }

    private void probeUntilClosed() {
        while (open) {
            try {
                Thread.sleep(PROBE_EVERY);
                if (!answering && connection.isOpen()) {
                    connection.async().ping().get(timeout.toNanos(), TimeUnit.NANOSECONDS);
                    answering = true;
                    LOG.info("Redis answers again");
                }
            } catch (InterruptedException e) {
                return;
            } catch (ExecutionException | TimeoutException | RedisException e) {
                LOG.debug("Redis is still away: {}", e.toString());
            }
        }
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException || failure instanceof ExecutionException
                ? failure.getCause() == null ? failure : failure.getCause()
                : failure;
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}
