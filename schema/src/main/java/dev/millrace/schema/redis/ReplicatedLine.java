package dev.millrace.schema.redis;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way to one server of commands that count only once replicas have their effects. They have a connection of their own, because WAIT blocks
 * it and waits for what that connection wrote; what comes while one group is under way goes together in the next, with one WAIT behind it.
 *
 * <p>
 * After a shortfall, and on a new connection, WAIT goes first, and nothing is sent unless it finds the replicas in step: so a lack of replicas
 * makes few events that the master has and nobody else.
 */
final class ReplicatedLine {
    /** A group is sent at once and fills the answers' buffers; a larger one would not be much cheaper. */
    private static final int MAX_GROUP = 512;
    /** Commands that wait for the next group; past it they are refused. */
    private static final int MAX_WAITING = 16_384;
    /** How long replicas may take to be in step again before anything is sent. */
    private static final Duration PROBE = Duration.ofMillis(50);

    private final Supplier<CompletableFuture<StatefulRedisConnection<String, byte[]>>> connect;
    private final Duration timeout;
    private final Queue<Waiting<?>> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    private final AtomicBoolean underWay = new AtomicBoolean();
    private volatile @Nullable CompletableFuture<StatefulRedisConnection<String, byte[]>> connection;
    private volatile boolean inStep;

    /**
     * @param timeout how long replicas may take to acknowledge a group
     */
    ReplicatedLine(Supplier<CompletableFuture<StatefulRedisConnection<String, byte[]>>> connect, Duration timeout) {
        this.connect = connect;
        this.timeout = timeout;
    }

    /** Sends a command with the next group, or refuses it. */
    <T> CompletionStage<T> send(NodeCommand<T> command, int replicas) {
        if (queued.get() >= MAX_WAITING) {
            return CompletableFuture.failedFuture(new RedisUnavailableException("replicas don't keep up"));
        }
        Waiting<T> waiting = new Waiting<>(command, replicas, new CompletableFuture<>());
        queued.incrementAndGet();
        queue.add(waiting);
        goOn();
        return waiting.answer();
    }

    /** Ends the connection, which is to a server that is gone; whatever is under way on it fails. */
    void cut() {
        CompletableFuture<StatefulRedisConnection<String, byte[]>> now = connection;
        connection = null;
        inStep = false;
        if (now != null) {
            var _ = now.thenCompose(StatefulRedisConnection::closeAsync);
        }
    }

    private void goOn() {
        while (!queue.isEmpty() && underWay.compareAndSet(false, true)) {
            List<Waiting<?>> group = new ArrayList<>();
            for (Waiting<?> next = queue.poll(); next != null; next = group.size() < MAX_GROUP ? queue.poll() : null) {
                group.add(next);
            }
            queued.addAndGet(-group.size());
            if (group.isEmpty()) {
                underWay.set(false);
                continue;
            }
            var _ = run(group).whenComplete((_, failure) -> {
                if (failure != null) {
                    RuntimeException notSent = new RedisUnavailableException("replicas can't be asked: " + Failure.rootMessage(failure),
                            false,
                            failure);
                    group.forEach(waiting -> waiting.answer().completeExceptionally(notSent));
                }
                underWay.set(false);
                goOn();
            });
            return;
        }
    }

    /** Fails only where nothing was sent. */
    private CompletionStage<Boolean> run(List<Waiting<?>> group) {
        int replicas = group.stream().mapToInt(Waiting::replicas).max().orElseThrow();
        return connected().thenCompose(open -> {
            RedisAsyncCommands<String, byte[]> commands = open.async();
            if (inStep) {
                return commit(group, replicas, commands);
            }
            return inStep(commands, replicas, PROBE).thenCompose(have -> {
                if (have < replicas) {
                    throw new RedisUnavailableException(have + " of " + replicas + " replicas are in step");
                }
                inStep = true;
                return commit(group, replicas, commands);
            });
        });
    }

    private CompletableFuture<StatefulRedisConnection<String, byte[]>> connected() {
        CompletableFuture<StatefulRedisConnection<String, byte[]>> now = connection;
        if (now == null || now.isCompletedExceptionally() || (now.isDone() && !now.join().isOpen())) {
            inStep = false;
            now = connect.get();
            connection = now;
        }
        return now;
    }

    private CompletionStage<Boolean> commit(List<Waiting<?>> group, int replicas, RedisAsyncCommands<String, byte[]> commands) {
        List<Sent<?>> sent = new ArrayList<>(group.size());
        for (Waiting<?> waiting : group) {
            sent.add(waiting.sentOn(commands));
        }
        return inStep(commands, replicas, timeout).handle((have, failure) -> {
            boolean replicated = failure == null && have >= replicas;
            if (!replicated) {
                inStep = false;
            }
            RedisUnavailableException unknown = new RedisUnavailableException("of " + replicas + " replicas "
                    + (failure == null ? have + " have it" : "it is not known whether they have it"), true, failure);
            sent.forEach(each -> each.settle(replicated ? null : unknown));
            return true;
        });
    }

    /** How many replicas have all that this connection wrote. Where not even that is answered, nobody is at its other end any more. */
    private CompletableFuture<Long> inStep(RedisAsyncCommands<String, byte[]> commands, int replicas, Duration within) {
        CompletableFuture<Long> have = commands.waitForReplication(replicas, within.toMillis()).toCompletableFuture();
        return have.orTimeout(within.plus(timeout).toMillis(), TimeUnit.MILLISECONDS).whenComplete((_, failure) -> {
            if (failure instanceof TimeoutException) {
                cut();
            }
        });
    }

    /** A command that waits for its group. */
    private record Waiting<T>(NodeCommand<T> command, int replicas, CompletableFuture<T> answer) {
        Sent<T> sentOn(RedisAsyncCommands<String, byte[]> commands) {
            try {
                return new Sent<>(command.send(commands).toCompletableFuture(), answer);
            } catch (RuntimeException e) {
                return new Sent<>(CompletableFuture.failedFuture(e), answer);
            }
        }
    }

    /** One that was sent. Answers come in order, so it has its own before WAIT has one, unless the connection broke. */
    private record Sent<T>(CompletableFuture<T> own, CompletableFuture<T> answer) {
        void settle(@Nullable RuntimeException notReplicated) {
            var _ = own.whenComplete((result, failure) -> {
                if (failure != null) {
                    answer.completeExceptionally(Failure.cause(failure));
                } else if (notReplicated != null) {
                    answer.completeExceptionally(notReplicated);
                } else {
                    answer.complete(result);
                }
            });
        }
    }
}
