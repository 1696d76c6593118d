package dev.millrace.schema.redis;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Which servers there are, and which of them holds a key. */
sealed interface Topology extends AutoCloseable permits SingleNode, SentinelMaster, ClusterNodes {
    /**
     * Looks for the masters and connects to them. It fails unless at least one is there, with an {@link IllegalStateException} if trying again
     * can't help.
     */
    CompletableFuture<Void> find();

    /** The node that holds a key as far as is known, or null if none does. */
    @Nullable RedisNode nodeOf(String key);

    /** Those that hold keys. */
    Collection<RedisNode> masters();

    /** Whether a key may be found elsewhere than expected. */
    boolean redirects();

    /**
     * The node that a redirect names.
     *
     * @param from who redirects
     */
    RedisNode follow(Redirect redirect, RedisNode from);

    /** Looks after connections and keeps up with changes; called several times a second. Waits for nothing. */
    void tend();

    @Override
    void close();
}
