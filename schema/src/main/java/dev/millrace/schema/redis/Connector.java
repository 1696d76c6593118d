package dev.millrace.schema.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Makes connections that are never mended: one that breaks has failed everything that was under way on it, and is replaced by another. So
 * nothing is ever sent twice.
 *
 * @param timeout how long a command may take
 */
record Connector(RedisClient client, Duration timeout) implements AutoCloseable {
    static final RedisCodec<String, byte[]> CODEC = RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);
    /** Nobody waits for a greeting as they do for a command; one that is cut short on a busy machine would only have to begin again. */
    static final Duration HANDSHAKE = Duration.ofSeconds(5);
    private static final Duration CONNECT = Duration.ofSeconds(2);
    /** Longer than it takes to ask whoever knows where the masters are and to greet them, or to find that it can't be done. */
    static final Duration FIND = Duration.ofSeconds(15);
    /** Beyond this many commands in flight the server is not keeping up, and refusing is kinder than queueing. */
    private static final int MAX_IN_FLIGHT = 65_536;

    static Connector create(Duration timeout) {
        RedisClient client = RedisClient.create();
        client.setOptions(ClientOptions.builder().autoReconnect(false).disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(MAX_IN_FLIGHT)
                .socketOptions(SocketOptions.builder().connectTimeout(CONNECT).keepAlive(true).tcpNoDelay(true).build())
                .timeoutOptions(TimeoutOptions.builder().timeoutCommands(false).build()).build());
        return new Connector(client, timeout);
    }

    /** The node at an address, which is not connected yet; user, password, database and TLS are those of the model. */
    RedisNode node(RedisURI model, String host, int port) {
        RedisURI uri = RedisURI.builder().withHost(host).withPort(port).withDatabase(model.getDatabase()).withSsl(model)
                .withAuthentication(model.getCredentialsProvider()).withTimeout(HANDSHAKE).build();
        return new RedisNode(this, uri);
    }

    CompletableFuture<StatefulRedisConnection<String, byte[]>> connect(RedisURI uri) {
        return client.connectAsync(CODEC, uri).toCompletableFuture();
    }

    CompletableFuture<StatefulRedisPubSubConnection<String, byte[]>> connectForMessages(RedisURI uri) {
        return client.connectPubSubAsync(CODEC, uri).toCompletableFuture();
    }

    @Override
    public void close() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
}
