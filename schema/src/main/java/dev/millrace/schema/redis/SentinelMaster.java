package dev.millrace.schema.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.output.MapOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one master that Sentinels watch over. All of them are asked again and again, and the one with the highest configuration epoch is
 * believed: that is how they agree among themselves, and a Sentinel that was cut off together with an old master can't win.
 */
final class SentinelMaster implements Topology {
    private static final Logger LOG = LoggerFactory.getLogger(SentinelMaster.class);
    private static final long ASK_EVERY_NANOS = Duration.ofSeconds(1).toNanos();

    private final Connector connector;
    private final RedisURI uri;
    private final List<RedisNode> sentinels;
    private volatile @Nullable Believed believed;
    private long askedNanos = System.nanoTime();

    private SentinelMaster(Connector connector, RedisURI uri) {
        this.connector = connector;
        this.uri = uri;
        this.sentinels = uri.getSentinels().stream().map(sentinel -> connector.node(sentinel, sentinel.getHost(), sentinel.getPort()))
                .toList();
    }

    static SentinelMaster of(Connector connector, String url) {
        return new SentinelMaster(connector, RedisURI.create(url));
    }

    @Override
    public CompletableFuture<Void> find() {
        CompletableFuture<Void> asked = CompletableFuture.allOf(sentinels.stream()
                .map(sentinel -> sentinel.connected().thenCompose(_ -> ask(sentinel)).exceptionally(_ -> null))
                .toArray(CompletableFuture[]::new));
        return asked.thenCompose(_ -> {
            Believed found = believed;
            return found == null
                    ? CompletableFuture.failedFuture(
                            new RedisUnavailableException("no Sentinel says where the master " + uri.getSentinelMasterId() + " is"))
                    : found.node().connected();
        });
    }

    private CompletableFuture<Void> ask(RedisNode sentinel) {
        return sentinel.send(commands -> commands.dispatch(CommandType.SENTINEL, new MapOutput<>(Connector.CODEC),
                new CommandArgs<>(Connector.CODEC).add("MASTER").add(uri.getSentinelMasterId())))
                .thenAccept(this::hear).exceptionally(failure -> {
                    LOG.debug("Sentinel at {} does not say where the master is: {}", sentinel, Failure.rootMessage(failure));
                    return null;
                }).toCompletableFuture();
    }

    private synchronized void hear(Map<String, byte[]> master) {
        String host = text(master.get("ip"));
        int port = Integer.parseInt(text(master.get("port")));
        long epoch = Long.parseLong(text(master.get("config-epoch")));
        Believed before = believed;
        if (before != null && (epoch < before.epoch() || before.node().address().equals(RedisNode.address(host, port)))) {
            return;
        }
        if (before != null && epoch == before.epoch() && before.node().available()) {
            return;
        }
        RedisNode node = connector.node(uri, host, port);
        believed = new Believed(node, epoch);
        node.tend();
        if (before != null) {
            LOG.info("the master is at {} now, in epoch {}; it was at {}", node, epoch, before.node());
            before.node().close();
        }
    }

    private static String text(byte @Nullable [] value) {
        if (value == null) {
            throw new IllegalStateException("a Sentinel's answer lacks the address or the epoch of the master");
        }
        return new String(value, StandardCharsets.UTF_8);
    }

    @Override
    public @Nullable RedisNode nodeOf(String key) {
        Believed now = believed;
        return now == null ? null : now.node();
    }

    @Override
    public Collection<RedisNode> masters() {
        Believed now = believed;
        return now == null ? List.of() : List.of(now.node());
    }

    @Override
    public boolean redirects() {
        return false;
    }

    @Override
    public RedisNode follow(Redirect redirect, RedisNode from) {
        return from;
    }

    @Override
    public void tend() {
        sentinels.forEach(RedisNode::tend);
        Believed now = believed;
        if (now != null) {
            now.node().tend();
        }
        if (now == null || !now.node().available() || System.nanoTime() - askedNanos >= ASK_EVERY_NANOS) {
            askedNanos = System.nanoTime();
            sentinels.stream().filter(RedisNode::available).forEach(sentinel -> {
                var _ = ask(sentinel);
            });
        }
    }

    @Override
    public void close() {
        sentinels.forEach(RedisNode::close);
        masters().forEach(RedisNode::close);
    }

    private record Believed(RedisNode node, long epoch) {}
}
