package dev.millrace.schema.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.cluster.SlotHash;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The masters of a Redis Cluster and the slots they hold. The nodes are asked regularly, and at once when one is away or a redirect came; of
 * what they say about a slot the owner with the highest configuration epoch is believed, which is the cluster's own rule.
 */
final class ClusterNodes implements Topology {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterNodes.class);
    private static final long ASK_EVERY_NANOS = Duration.ofSeconds(5).toNanos();
    /** A node that is slower than this is not waited for: others know the same. */
    private static final Duration ANSWER = Duration.ofMillis(500);
    /** Masters that can't be reached at a start are left out rather than waited for. */
    private static final Duration CONNECTED = Duration.ofSeconds(3);
    /** A node that no other has named for so long is not coming back. */
    private static final Duration FORGOTTEN = Duration.ofSeconds(30);

    private final Connector connector;
    private final RedisURI model;
    private final Set<String> seeds;
    private final Map<String, RedisNode> nodes = new ConcurrentHashMap<>();
    private final AtomicReferenceArray<@Nullable RedisNode> owners = new AtomicReferenceArray<>(SlotHash.SLOT_COUNT);
    /** By slot. Guarded by this object. */
    private final long[] epochs = new long[SlotHash.SLOT_COUNT];
    private volatile boolean outdated;
    private volatile @Nullable CompletableFuture<Void> asking;
    /** Why a node said that it belongs to no cluster, if one did. */
    private volatile @Nullable String refusal;
    private volatile long askedNanos;

    private ClusterNodes(Connector connector, List<RedisURI> seeds) {
        this.connector = connector;
        this.model = seeds.getFirst();
        this.seeds = new LinkedHashSet<>();
        for (RedisURI seed : seeds) {
            this.seeds.add(node(seed.getHost(), seed.getPort()).address());
        }
    }

    static ClusterNodes of(Connector connector, List<String> urls) {
        return new ClusterNodes(connector, urls.stream().map(RedisURI::create).toList());
    }

    @Override
    public CompletableFuture<Void> find() {
        return connectAll(nodes.values(), Connector.HANDSHAKE).thenCompose(_ -> ask(Connector.HANDSHAKE))
                .thenCompose(_ -> connectAll(masters(), CONNECTED)).thenRun(() -> {
                    if (masters().stream().anyMatch(RedisNode::available)) {
                        return;
                    }
                    String reason = refusal;
                    if (reason != null) {
                        throw new IllegalStateException("REDIS_URL lists several nodes, but " + reason);
                    }
                    throw new RedisUnavailableException("no master of the Redis Cluster can be reached");
                });
    }

    /** Completes when all are connected or can't be, or the time is over: the rest is left to {@link #tend}. */
    private static CompletableFuture<Void> connectAll(Collection<RedisNode> nodes, Duration atMost) {
        return CompletableFuture
                .allOf(nodes.stream().map(node -> node.connected().exceptionally(_ -> null)).toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    private RedisNode node(String host, int port) {
        RedisNode node = nodes.computeIfAbsent(RedisNode.address(host, port), _ -> connector.node(model, host, port));
        node.spokenOf();
        return node;
    }

    /** Asks all nodes; completes when they have answered or their time is over. */
    private CompletableFuture<Void> ask(Duration atMost) {
        askedNanos = System.nanoTime();
        outdated = false;
        Queue<SlotOwner> said = new ConcurrentLinkedQueue<>();
        CompletableFuture<Void> answers = CompletableFuture
                .allOf(nodes.values().stream().filter(RedisNode::available).map(node -> ask(node, said)).toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, atMost.toMillis(), TimeUnit.MILLISECONDS).thenRun(() -> hear(said));
        asking = answers;
        return answers;
    }

    private CompletableFuture<Void> ask(RedisNode node, Queue<SlotOwner> said) {
        return node.send(RedisAsyncCommands::clusterNodes).thenAccept(view -> said.addAll(SlotOwner.read(view, node.uri())))
                .exceptionally(failure -> {
                    String message = Failure.rootMessage(failure);
                    if (message.contains("cluster support disabled")) {
                        refusal = node + " is not part of a Redis Cluster";
                    }
                    LOG.debug("{} does not say who holds which slots: {}", node, message);
                    return null;
                }).toCompletableFuture();
    }

    /** Takes over what the nodes say, save what is older than what is known of an owner that answers. */
    private synchronized void hear(Queue<SlotOwner> said) {
        @Nullable SlotOwner[] best = new SlotOwner[SlotHash.SLOT_COUNT];
        for (SlotOwner owner : said) {
            owner.slots().stream().filter(slot -> best[slot] == null || best[slot].epoch() < owner.epoch())
                    .forEach(slot -> best[slot] = owner);
        }
        for (int slot = 0; slot < best.length; slot++) {
            SlotOwner owner = best[slot];
            RedisNode known = owners.get(slot);
            if (owner != null && (known == null || owner.epoch() > epochs[slot] || !known.available())) {
                owners.set(slot, node(owner.host(), owner.port()));
                epochs[slot] = owner.epoch();
            }
        }
    }

    @Override
    public @Nullable RedisNode nodeOf(String key) {
        return owners.get(SlotHash.getSlot(key));
    }

    @Override
    public Collection<RedisNode> masters() {
        Set<RedisNode> masters = new HashSet<>();
        for (int slot = 0; slot < owners.length(); slot++) {
            RedisNode owner = owners.get(slot);
            if (owner != null) {
                masters.add(owner);
            }
        }
        return masters;
    }

    @Override
    public boolean redirects() {
        return true;
    }

    @Override
    public RedisNode follow(Redirect redirect, RedisNode from) {
        RedisNode there = node(redirect.host().isEmpty() ? from.uri().getHost() : redirect.host(), redirect.port());
        if (redirect.kind() == Redirect.Kind.MOVED) {
            owners.set(redirect.slot(), there);
            outdated = true;
        }
        return there;
    }

    @Override
    public void tend() {
        Collection<RedisNode> masters = masters();
        boolean allThere = masters.stream().allMatch(RedisNode::available);
        for (RedisNode node : List.copyOf(nodes.values())) {
            node.tend();
            boolean needed = masters.contains(node) || seeds.contains(node.address()) || (node.available() && !node.idle());
            if (!needed && node.forgottenFor(FORGOTTEN) && nodes.remove(node.address(), node)) {
                node.close();
            }
        }
        CompletableFuture<Void> underWay = asking;
        boolean due = !allThere || outdated || System.nanoTime() - askedNanos >= ASK_EVERY_NANOS;
        if (due && (underWay == null || underWay.isDone())) {
            var _ = ask(ANSWER);
        }
    }

    @Override
    public void close() {
        nodes.values().forEach(RedisNode::close);
    }
}
