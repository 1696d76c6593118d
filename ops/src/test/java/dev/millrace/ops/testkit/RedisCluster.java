package dev.millrace.ops.testkit;

import dev.millrace.ops.embedded.EmbeddedRedis;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.models.partitions.ClusterPartitionParser;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode.NodeFlag;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** A real Redis Cluster on this machine: masters that share the slots evenly, and perhaps a replica of each. */
public final class RedisCluster implements AutoCloseable {
    private static final Duration FORMED = Duration.ofSeconds(30);
    private static final Duration AGREED = Duration.ofSeconds(20);
    private static final int KEYS_AT_ONCE = 100;
    /** A failover in seconds; and what one master held must not take the others' slots down. */
    private static final String[] CONFIG = {"cluster-enabled yes", "cluster-node-timeout 3000", "cluster-require-full-coverage no",
            "cluster-replica-validity-factor 0", "repl-diskless-sync-delay 0"};

    private final List<EmbeddedRedis> nodes = new ArrayList<>();

    private RedisCluster() {}

    /** Starts one and waits until all of its nodes agree. */
    public static RedisCluster start(int masters, boolean replicas) {
        RedisCluster cluster = new RedisCluster();
        boolean formed = false;
        try {
            int nodes = replicas ? 2 * masters : masters;
            for (int i = 0; i < nodes; i++) {
                cluster.nodes.add(EmbeddedRedis.start(TestServers.redisOptions().withExtraConfig(CONFIG)));
            }
            cluster.form(masters);
            formed = true;
            return cluster;
        } finally {
            if (!formed) {
                cluster.close();
            }
        }
    }

    private void form(int masters) {
        EmbeddedRedis first = nodes.getFirst();
        for (int i = 0; i < nodes.size(); i++) {
            nodes.get(i).command("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
            first.command("CLUSTER", "MEET", "127.0.0.1", Integer.toString(nodes.get(i).port()));
        }
        for (int i = 0; i < masters; i++) {
            nodes.get(i).command("CLUSTER", "ADDSLOTSRANGE", Integer.toString(SlotHash.SLOT_COUNT * i / masters),
                    Integer.toString(SlotHash.SLOT_COUNT * (i + 1) / masters - 1));
        }
        Awaitility.await("all nodes know each other").atMost(FORMED).until(() -> nodes.stream().allMatch(this::knowsAll));
        for (int i = masters; i < nodes.size(); i++) {
            nodes.get(i).command("CLUSTER", "REPLICATE", id(nodes.get(i - masters)));
        }
        Awaitility.await("the cluster is formed").atMost(FORMED).until(() -> nodes.stream().allMatch(node -> isFormed(node, masters)));
    }

    private boolean knowsAll(EmbeddedRedis node) {
        return view(node).stream().filter(one -> !one.is(NodeFlag.HANDSHAKE)).count() == nodes.size();
    }

    private boolean isFormed(EmbeddedRedis node, int masters) {
        boolean replicated = nodes.size() == masters || String.valueOf(node.command("INFO", "replication"))
                .contains(nodes.indexOf(node) < masters ? "state=online" : "master_link_status:up");
        return replicated && isWhole(node)
                && view(node).stream().filter(one -> one.is(NodeFlag.UPSTREAM)).count() == masters;
    }

    private static boolean isWhole(EmbeddedRedis node) {
        String info = String.valueOf(node.command("CLUSTER", "INFO"));
        return info.contains("cluster_state:ok") && info.contains("cluster_slots_ok:" + SlotHash.SLOT_COUNT);
    }

    /** The address for clients: every node that there was in the beginning. */
    public String uri() {
        return nodes.stream().map(EmbeddedRedis::uri).collect(Collectors.joining(","));
    }

    public List<EmbeddedRedis> nodes() {
        return List.copyOf(nodes);
    }

    /** Whether every slot is served, as all running nodes see it. */
    public boolean isWhole() {
        return nodes.stream().filter(EmbeddedRedis::isRunning).allMatch(RedisCluster::isWhole);
    }

    /** The master that holds a key now. */
    public EmbeddedRedis masterOf(String key) {
        int slot = SlotHash.getSlot(key);
        RedisClusterNode owner = nodes.stream().filter(EmbeddedRedis::isRunning).flatMap(node -> view(node).stream())
                .filter(node -> node.is(NodeFlag.UPSTREAM) && node.hasSlot(slot))
                .max((one, other) -> Long.compare(one.getConfigEpoch(), other.getConfigEpoch())).orElseThrow();
        return at(owner.getUri().getPort());
    }

    /** The running nodes that hold slots. */
    public List<EmbeddedRedis> masters() {
        return nodes.stream().filter(EmbeddedRedis::isRunning)
                .filter(node -> view(node).stream().anyMatch(
                        one -> one.is(NodeFlag.MYSELF) && one.is(NodeFlag.UPSTREAM) && !one.getSlots().isEmpty()))
                .toList();
    }

    /** The running replica of a master. */
    public EmbeddedRedis replicaOf(EmbeddedRedis master) {
        String id = id(master);
        RedisClusterNode replica = view(master).stream().filter(node -> id.equals(node.getSlaveOf()) && !node.is(NodeFlag.FAIL)).findFirst()
                .orElseThrow();
        return at(replica.getUri().getPort());
    }

    private EmbeddedRedis at(int port) {
        return nodes.stream().filter(node -> node.port() == port).findFirst().orElseThrow();
    }

    /** Says that a slot is on its way, as the first step of {@link #migrate}. */
    public void beginMigration(String key, EmbeddedRedis from, EmbeddedRedis to) {
        String slot = Integer.toString(SlotHash.getSlot(key));
        to.command("CLUSTER", "SETSLOT", slot, "IMPORTING", id(from));
        from.command("CLUSTER", "SETSLOT", slot, "MIGRATING", id(to));
    }

    /** Moves the slot of a key with all its keys to another master, as a resharding does: step by step, while clients go on. */
    public void migrate(String key, EmbeddedRedis from, EmbeddedRedis to) {
        beginMigration(key, from, to);
        moveKeys(key, from, to);
        endMigration(key, from, to);
    }

    /** Moves every key of the slot that has not been moved. */
    public void moveKeys(String key, EmbeddedRedis from, EmbeddedRedis to) {
        String slot = Integer.toString(SlotHash.getSlot(key));
        String keys = from.command("CLUSTER", "GETKEYSINSLOT", slot, Integer.toString(KEYS_AT_ONCE));
        while (keys != null && !keys.isEmpty()) {
            List<String> words = new ArrayList<>(
                    List.of("MIGRATE", "127.0.0.1", Integer.toString(to.port()), "", "0", "5000", "KEYS"));
            words.addAll(keys.lines().toList());
            from.command(words.toArray(String[]::new));
            keys = from.command("CLUSTER", "GETKEYSINSLOT", slot, Integer.toString(KEYS_AT_ONCE));
        }
    }

    /**
     * Says that the slot has arrived: to its new master first, which raises its epoch by that. Waits until every master has heard of it and the
     * new one has an epoch of its own: an older message of the old one could take the slot back otherwise, once both have raised theirs.
     */
    public void endMigration(String key, EmbeddedRedis from, EmbeddedRedis to) {
        String slot = Integer.toString(SlotHash.getSlot(key));
        String owner = id(to);
        for (EmbeddedRedis told : List.of(to, from)) {
            told.command("CLUSTER", "SETSLOT", slot, "NODE", owner);
        }
        Awaitility.await().atMost(AGREED).pollInterval(Duration.ofMillis(20)).until(() -> masters().stream()
                .allMatch(node -> agrees(view(node), owner, SlotHash.getSlot(key))));
    }

    private static boolean agrees(Collection<RedisClusterNode> view, String owner, int slot) {
        long epoch = view.stream().filter(node -> node.getNodeId().equals(owner) && node.hasSlot(slot))
                .mapToLong(RedisClusterNode::getConfigEpoch)
                .findFirst().orElse(-1);
        return epoch >= 0 && view.stream().filter(node -> node.is(NodeFlag.UPSTREAM) && !node.getNodeId().equals(owner))
                .noneMatch(node -> node.getConfigEpoch() == epoch);
    }

    private static String id(EmbeddedRedis node) {
        return Objects.requireNonNull(node.command("CLUSTER", "MYID"));
    }

    private static Collection<RedisClusterNode> view(EmbeddedRedis node) {
        try {
            return List.copyOf(ClusterPartitionParser.parse(Objects.requireNonNull(node.command("CLUSTER", "NODES"))));
        } catch (UncheckedIOException justKilled) {
            return List.of();
        }
    }

    @Override
    public void close() {
        nodes.forEach(EmbeddedRedis::close);
    }
}
