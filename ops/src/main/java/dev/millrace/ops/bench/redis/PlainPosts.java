package dev.millrace.ops.bench.redis;

import dev.millrace.schema.redis.Script;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * Posts as plain scripts: a token from a bucket, a key that is remembered, an entry in a stream. One post goes to a stream of its player's,
 * many that come together go to one.
 */
public final class PlainPosts implements AutoCloseable {
    private static final Script POST = Script.load(PlainPosts.class, "post");
    /** So many that none is ever refused. */
    private static final byte[] TOKENS = bytes("1000000");
    private static final int STREAMS = 64;
    private static final int IN_FLIGHT = 1_000;
    private static final int FLUSH_EVERY = 100;

    private final StatefulRedisConnection<String, byte[]> connection;
    private final String prefix;

    PlainPosts(StatefulRedisConnection<String, byte[]> connection, String prefix) {
        this.connection = connection;
        this.prefix = prefix;
        connection.sync().scriptLoad(POST.source());
    }

    /**
     * What is posted.
     *
     * @param id by which it is known again
     * @param text that is kept
     */
    public record Post(String player, String id, String text) {}

    /** Posts one, waits, and returns its place in its stream. */
    public String one(Post post) {
        return places(send(post)).getFirst();
    }

    /** Posts many together, waits, and returns their places in the stream. */
    public List<String> many(List<Post> posts) {
        return places(send(posts));
    }

    /** Posts each by itself, hundreds in flight, and returns when all are answered. */
    public void pipelined(List<Post> posts) {
        pipelined(posts.size(), i -> send(posts.get(i)));
    }

    /** The same, so many together. */
    public void pipelined(List<Post> posts, int together) {
        pipelined(Math.ceilDiv(posts.size(), together),
                i -> send(posts.subList(i * together, Math.min(posts.size(), (i + 1) * together))));
    }

    private void pipelined(int calls, IntFunction<RedisFuture<List<Object>>> call) {
        connection.setAutoFlushCommands(false);
        try {
            Queue<RedisFuture<List<Object>>> sent = new ArrayDeque<>();
            for (int i = 0; i < calls; i++) {
                sent.add(call.apply(i));
                if (i % FLUSH_EVERY == 0) {
                    connection.flushCommands();
                }
                if (sent.size() > IN_FLIGHT) {
                    places(sent.remove());
                }
            }
            connection.flushCommands();
            sent.forEach(PlainPosts::places);
        } finally {
            connection.setAutoFlushCommands(true);
        }
    }

    private RedisFuture<List<Object>> send(Post post) {
        return send(prefix + ':' + Math.floorMod(post.player().hashCode(), STREAMS), List.of(post));
    }

    private RedisFuture<List<Object>> send(List<Post> posts) {
        return send(prefix + ":all", posts);
    }

    private RedisFuture<List<Object>> send(String stream, List<Post> posts) {
        String[] keys = Stream.concat(Stream.of(prefix + ":bucket", stream), posts.stream().map(this::once))
                .toArray(String[]::new);
        byte[][] args = Stream.concat(Stream.of(TOKENS, TOKENS), posts.stream().map(post -> bytes(post.text()))).toArray(byte[][]::new);
        return connection.async().evalsha(POST.sha1(), ScriptOutputType.MULTI, keys, args);
    }

    private String once(Post post) {
        return prefix + ":once:" + post.id();
    }

    private static List<String> places(Future<List<Object>> answer) {
        List<Object> items;
        try {
            items = Answers.await(answer);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for Redis", e);
        }
        List<String> texts = items.stream().map(item -> new String((byte[]) item, StandardCharsets.UTF_8)).toList();
        if (!texts.getFirst().equals("ADDED")) {
            throw new IllegalStateException("a plain post was refused: " + texts.getFirst());
        }
        return texts.subList(1, texts.size());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        connection.close();
    }
}
