package dev.millrace.schema.redis;

import dev.millrace.schema.settings.RedisSettings;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.output.NestedMultiOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One role's way to Redis, be it one server, a master under Sentinels or a Redis Cluster: a connection to each master that is shared by
 * pipelining, a time-out on every command, and a circuit for each master that refuses at once while it is away, so that no caller hangs
 * behind a server that does not answer, nor behind one that it does not need.
 *
 * <p>
 * Commands are never re-sent when their outcome is unknown: a script whose answer was lost may have run, and a fenced read that ran twice
 * would skip entries. The caller is told that the outcome is unknown and decides. A node of a Cluster that redirects a command has run no
 * part of it, so redirects are followed; commands that are under way at the same time may overtake each other there.
 */
public final class Redis implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Redis.class);
    private static final Duration TEND_EVERY = Duration.ofMillis(200);
    /** How often a command is sent elsewhere, or there again, after nodes that did not run it. */
    private static final int REDIRECTS = 10;
    private static final Executor WHEN_MOVED = CompletableFuture.delayedExecutor(25, TimeUnit.MILLISECONDS);
    private static final Pattern POLICY = Pattern.compile("maxmemory_policy:([a-z-]+)");

    private final Connector connector;
    private final Topology topology;
    private final Duration timeout;
    private final List<NearCache<?>> caches = new CopyOnWriteArrayList<>();
    private final Thread tending;
    private volatile boolean open = true;

    private Redis(Connector connector, Topology topology, Duration timeout) {
        this.connector = connector;
        this.topology = topology;
        this.timeout = timeout;
        this.tending = Thread.ofVirtual().name("redis-tending").start(this::tendUntilClosed);
    }

    /**
     * Connects.
     *
     * @param timeout how long one command may take before its caller is told that the outcome is unknown
     * @throws RedisUnavailableException if there is no Redis at the address
     * @throws IllegalStateException if there is another kind of Redis than the address says
     */
    public static Redis connect(RedisSettings settings, Duration timeout) {
        Connector connector = Connector.create(timeout);
        try {
            Topology topology = switch (settings.topology()) {
                case SINGLE -> SingleNode.at(connector, settings.url());
                case SENTINEL -> SentinelMaster.of(connector, settings.url());
                case CLUSTER -> ClusterNodes.of(connector, settings.urls());
            };
            topology.find().get(Connector.FIND.toNanos(), TimeUnit.NANOSECONDS);
            return new Redis(connector, topology, timeout);
        } catch (InterruptedException e) {
            connector.close();
            Thread.currentThread().interrupt();
            throw new RedisUnavailableException("interrupted while connecting to Redis", false, e);
        } catch (ExecutionException | TimeoutException e) {
            connector.close();
            if (Failure.cause(e) instanceof IllegalStateException otherKind) {
                throw otherKind;
            }
            throw new RedisUnavailableException("no Redis answers at " + settings.display() + ": " + Failure.rootMessage(e), false, e);
        } catch (RuntimeException e) {
            connector.close();
            throw e;
        }
    }

    /** Whether any master answered lately; a master is away from the first time-out or disconnect until it answers again. */
    public boolean available() {
        return topology.masters().stream().anyMatch(RedisNode::available);
    }

    /** Addresses of masters that are away, in no order. */
    public List<String> away() {
        return topology.masters().stream().filter(master -> !master.available()).map(RedisNode::address).toList();
    }

    /**
     * The number of the connection through which a key is reached now, 0 if there is none. Another number than before says that the server may
     * be another one, or the same with another memory, and know less than it was told.
     */
    public long connectionFor(String key) {
        RedisNode node = topology.nodeOf(key);
        return node == null ? 0 : node.connectionNumber();
    }

    /** Whether keys are spread over several servers, so that one command can't ask for keys of different hash tags. */
    public boolean spread() {
        return topology.redirects();
    }

    /**
     * Runs a script and waits for its answer. Its keys share a hash tag.
     *
     * @throws RedisUnavailableException if Redis is away or did not answer in time
     * @throws RedisCommandExecutionException if the script failed inside Redis
     */
    public Reply eval(Script script, List<String> keys, List<byte[]> args) {
        return await(evalAsync(script, keys, args));
    }

    /**
     * The same of a script whose effects so many replicas must have, see {@link #evalAsync(Script, List, List, int)}.
     *
     * @throws RedisUnavailableException also where too few had them in time
     */
    public Reply eval(Script script, List<String> keys, List<byte[]> args, int replicas) {
        return await(evalAsync(script, keys, args, replicas));
    }

    /** Sends a script; the stage fails like {@link #eval}, save that no time-out is kept. */
    public CompletionStage<Reply> evalAsync(Script script, List<String> keys, List<byte[]> args) {
        return evalAsync(script, keys, args, 0);
    }

    /**
     * Sends a script whose effects so many replicas must have before the stage completes. Where they have not in time, the outcome is unknown;
     * from then on nothing is sent until they are in step.
     *
     * @param replicas 0 for none
     */
    public CompletionStage<Reply> evalAsync(Script script, List<String> keys, List<byte[]> args, int replicas) {
        script.checkKeys(keys.size());
        String[] keyArray = keys.toArray(String[]::new);
        byte[][] argArray = args.toArray(byte[][]::new);
        String first = keys.getFirst();
        CompletionStage<List<Object>> answer = send(first, replicas,
                commands -> run(commands, CommandType.EVALSHA, script.sha1(), keyArray, argArray), REDIRECTS);
        return answer.exceptionallyCompose(failure -> Failure.cause(failure) instanceof RedisNoScriptException
                ? send(first, replicas, commands -> run(commands, CommandType.EVAL, script.source(), keyArray, argArray), REDIRECTS)
                : CompletableFuture.failedFuture(failure)).thenApply(Reply::new);
    }

    /** All as bytes: what goes through a codec is wrapped and copied once more, and the scripts that append events have thousands of arguments. */
    private static CompletionStage<List<Object>> run(RedisAsyncCommands<String, byte[]> commands, CommandType eval, String script,
            String[] keys, byte[][] args) {
        CommandArgs<String, byte[]> all = new CommandArgs<>(Connector.CODEC).add(script).add(keys.length);
        for (String key : keys) {
            all.add(key.getBytes(StandardCharsets.UTF_8));
        }
        for (byte[] arg : args) {
            all.add(arg);
        }
        return commands.dispatch(eval, new NestedMultiOutput<>(Connector.CODEC), all);
    }

    public byte @Nullable [] get(String key) {
        return await(command(key, RedisAsyncCommands::get));
    }

    /** Values in the order of the keys, null where there is none; the keys must share a slot. */
    public List<byte @Nullable []> mget(List<String> keys) {
        if (keys.isEmpty()) {
            return List.of();
        }
        List<KeyValue<String, byte[]>> found = await(command(keys.getFirst(), (commands, _) -> commands.mget(keys.toArray(String[]::new))));
        List<byte @Nullable []> values = new ArrayList<>(found.size());
        for (KeyValue<String, byte[]> value : found) {
            values.add(value.getValueOrElse(null));
        }
        return values;
    }

    public Map<String, byte[]> hgetall(String key) {
        return new HashMap<>(await(command(key, RedisAsyncCommands::hgetall)));
    }

    /** A section of INFO, such as {@code memory}, of every master that is there, one after the other. */
    public String info(String section) {
        List<CompletionStage<String>> answers = topology.masters().stream().filter(RedisNode::available)
                .map(master -> master.send(commands -> commands.info(section))).toList();
        if (answers.isEmpty()) {
            throw new RedisUnavailableException("Redis is away");
        }
        StringBuilder info = new StringBuilder();
        answers.forEach(answer -> info.append(await(answer)));
        return info.toString();
    }

    /**
     * Fails unless every master is set up to refuse writes when its memory is full; any other policy would throw unfinished events away.
     * Fails as well for a lone node of a Cluster, which would refuse most keys. What INFO does not say is left to the operator.
     *
     * @throws IllegalStateException if it is set up otherwise; the message says what to change
     */
    public void requireFit() {
        Matcher policy = POLICY.matcher(info("memory"));
        while (policy.find()) {
            if (!policy.group(1).equals("noeviction")) {
                throw new IllegalStateException("Redis would evict events when its memory is full (maxmemory-policy " + policy.group(1)
                        + "); set maxmemory-policy noeviction");
            }
        }
        if (!topology.redirects() && info("server").contains("redis_mode:cluster")) {
            throw new IllegalStateException("REDIS_URL names one node of a Redis Cluster; list its nodes, separated by commas");
        }
    }

    /**
     * Sends one command at once or fails at once; for the few that are not scripts.
     *
     * @param key a key of the command, which says where to send it
     */
    public <T> CompletionStage<T> command(String key, Command<T> command) {
        return send(key, 0, commands -> command.send(commands, key), REDIRECTS);
    }

    private <T> CompletionStage<T> send(String key, int replicas, NodeCommand<T> command, int redirects) {
        RedisNode node = topology.nodeOf(key);
        if (node == null) {
            return CompletableFuture.failedFuture(new RedisUnavailableException("no Redis is known to hold " + key));
        }
        CompletionStage<T> answer = node.send(command, replicas);
        return topology.redirects() ? followed(answer, key, replicas, command, node, redirects) : answer;
    }

    private <T> CompletionStage<T> followed(CompletionStage<T> answer, String key, int replicas, NodeCommand<T> command, RedisNode asked,
            int left) {
        return answer.exceptionallyCompose(failure -> {
            Redirect redirect = left == 0 ? null : Redirect.of(failure).orElse(null);
            if (redirect == null) {
                return CompletableFuture.failedFuture(failure);
            }
            return switch (redirect.kind()) {
                case MOVED -> {
                    RedisNode there = topology.follow(redirect, asked);
                    yield followed(there.connected().thenCompose(_ -> there.send(command, replicas)), key, replicas, command, there,
                            left - 1);
                }
                // What must reach replicas too waits until its slot has moved.
                case ASK -> {
                    if (replicas > 0) {
                        yield later(key, replicas, command, left - 1);
                    }
                    RedisNode there = topology.follow(redirect, asked);
                    yield followed(there.sendAsking(command), key, replicas, command, there, left - 1);
                }
                case TRYAGAIN -> later(key, replicas, command, left - 1);
            };
        });
    }

    private <T> CompletionStage<T> later(String key, int replicas, NodeCommand<T> command, int redirects) {
        return CompletableFuture.supplyAsync(() -> send(key, replicas, command, redirects), WHEN_MOVED).thenCompose(sent -> sent);
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
            topology.masters().forEach(RedisNode::openCircuitIfSilent);
            throw new RedisUnavailableException("Redis did not answer within " + timeout.toMillis() + " ms", true, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RedisUnavailableException("interrupted while waiting for Redis", true, e);
        } catch (ExecutionException e) {
            throw Failure.of(e);
        }
    }

    /**
     * A connection of its own for messages of Pub/Sub, because it takes hardly any other commands. In a Cluster any server hears the messages
     * of all; this one is the server that would hold a key of the channel's name. It does not mend itself; the caller closes it.
     *
     * @throws RedisUnavailableException if that server is away
     */
    public StatefulRedisPubSubConnection<String, byte[]> connectForMessages(String channel) {
        return connected(channel, connector::connectForMessages);
    }

    /**
     * A cache of hashes in this process that Redis keeps true; it ends with this.
     *
     * @param max how many hashes it keeps at most
     * @param reading what to make of a hash, which is empty where there is none; the result must be immutable
     */
    public <V> NearCache<V> nearCache(int max, Function<Map<String, byte[]>, V> reading) {
        NearCache<V> cache = new NearCache<>(this, changes -> new Tracker(connector, topology, changes), max, reading);
        caches.add(cache);
        return cache;
    }

    private <T> T connected(String key, Function<RedisURI, CompletableFuture<T>> connect) {
        RedisNode node = topology.nodeOf(key);
        if (node == null || !node.available()) {
            throw new RedisUnavailableException("Redis is away");
        }
        try {
            return connect.apply(node.uri()).get(Connector.FIND.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RedisUnavailableException("interrupted while connecting to Redis", false, e);
        } catch (ExecutionException | TimeoutException e) {
            throw new RedisUnavailableException("no connection to Redis: " + Failure.rootMessage(e), false, e);
        }
    }

    @Override
    public void close() {
        open = false;
        tending.interrupt();
        caches.forEach(NearCache::close);
        topology.close();
        connector.close();
    }

    /** One command for a key. It may be called again for a server after one that has not run it. */
    @FunctionalInterface
    public interface Command<T> {
        CompletionStage<T> send(RedisAsyncCommands<String, byte[]> commands, String key);
    }

    private void tendUntilClosed() {
        while (open) {
            try {
                Thread.sleep(TEND_EVERY);
                topology.tend();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.debug("could not look after the connections: {}", e.toString());
            }
        }
    }
}
