package dev.millrace.schema.redis;

import io.lettuce.core.RedisURI;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One server, at a fixed address. */
record SingleNode(RedisNode node) implements Topology {
    static SingleNode at(Connector connector, String url) {
        RedisURI uri = RedisURI.create(url);
        uri.setTimeout(Connector.HANDSHAKE);
        return new SingleNode(new RedisNode(connector, uri));
    }

    @Override
    public CompletableFuture<Void> find() {
        return node.connected();
    }

    @Override
    public RedisNode nodeOf(String key) {
        return node;
    }

    @Override
    public Collection<RedisNode> masters() {
        return List.of(node);
    }

    @Override
    public boolean redirects() {
        return false;
    }

    @Override
    public RedisNode follow(Redirect redirect, RedisNode from) {
        return node;
    }

    @Override
    public void tend() {
        node.tend();
    }

    @Override
    public void close() {
        node.close();
    }
}
