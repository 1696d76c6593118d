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
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.handler.flush.FlushConsolidationHandler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Makes connections that are never mended: one that breaks has failed everything that was under way on it, and is replaced by another. So
 * nothing is ever sent twice.
 *
 * @param resources threads of the client, which does not end them itself
 * @param timeout how long a command may take
 */
record Connector(ClientResources resources, RedisClient client, Duration timeout) implements AutoCloseable {
    static final RedisCodec<String, byte[]> CODEC = RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);
    /** Nobody waits for a greeting as they do for a command; one that is cut short on a busy machine would only have to begin again. */
    static final Duration HANDSHAKE = Duration.ofSeconds(5);
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration STOP = Duration.ofSeconds(2);
    /** Longer than it takes to ask whoever knows where the masters are and to greet them, or to find that it can't be done. */
    static final Duration FIND = Duration.ofSeconds(15);
    /** Beyond this many commands in flight the server is not keeping up, and refusing is kinder than queueing. */
    private static final int MAX_IN_FLIGHT = 65_536;
    /**
     * Commands that callers send at the same time leave in one system call, and Redis answers them in one: up to so many, and none waits for
     * another that is not there yet.
     */
    private static final int MAX_TOGETHER = 256;

    static Connector create(Duration timeout) {
        ClientResources resources = ClientResources.builder().nettyCustomizer(new NettyCustomizer() {
            @Override
            public void afterChannelInitialized(Channel channel) {
                channel.pipeline().addFirst(new FlushConsolidationHandler(MAX_TOGETHER, true));
            }
        }).build();
        RedisClient client = RedisClient.create(resources);
        client.setOptions(ClientOptions.builder().autoReconnect(false).disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(MAX_IN_FLIGHT)
                .socketOptions(SocketOptions.builder().connectTimeout(CONNECT).keepAlive(true).tcpNoDelay(true).build())
                .timeoutOptions(TimeoutOptions.builder().timeoutCommands(false).build()).build());
        return new Connector(resources, client, timeout);
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
        client.shutdown(Duration.ZERO, STOP);
        var _ = resources.shutdown(0, STOP.toMillis(), TimeUnit.MILLISECONDS).awaitUninterruptibly();
    }
}
