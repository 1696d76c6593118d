package dev.millrace.schema.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.models.partitions.ClusterPartitionParser;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode.NodeFlag;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A master and its slots, as one node of a Redis Cluster sees them.
 *
 * @param epoch configuration epoch of the master: where two claim a slot, the higher has it
 */
record SlotOwner(String host, int port, long epoch, BitSet slots) {

    /**
     * Reads the answer to CLUSTER NODES.
     *
     * @param asked whose answer it is: a node may not know its own host
     */
    static List<SlotOwner> read(String view, RedisURI asked) {
        List<SlotOwner> owners = new ArrayList<>();
        for (RedisClusterNode node : ClusterPartitionParser.parse(view)) {
            @Nullable RedisURI uri = node.getUri();
            boolean itself = node.is(NodeFlag.MYSELF);
            if (!node.is(NodeFlag.UPSTREAM) || node.getSlots().isEmpty() || (uri == null && !itself)) {
                continue;
            }
            BitSet slots = new BitSet();
            node.getSlots().forEach(slots::set);
            owners.add(uri == null ? new SlotOwner(asked.getHost(), asked.getPort(), node.getConfigEpoch(), slots)
                    : new SlotOwner(uri.getHost(), uri.getPort(), node.getConfigEpoch(), slots));
        }
        return owners;
    }
}
