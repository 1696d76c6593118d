package dev.millrace.ops.testkit;

import dev.millrace.ops.embedded.EmbeddedRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** A master, its replicas, and three Sentinels that watch over them, all real and on this machine. */
public final class RedisSentinels implements AutoCloseable {
    private static final String MASTER = "main";
    private static final int SENTINELS = 3;
    private static final Duration FORMED = Duration.ofSeconds(30);

    private final List<EmbeddedRedis> servers = new ArrayList<>();
    private final List<EmbeddedRedis> sentinels = new ArrayList<>();

    private RedisSentinels() {}

    /** Starts them and waits until they know each other. */
    public static RedisSentinels start(int replicas) {
        RedisSentinels all = new RedisSentinels();
        boolean formed = false;
        try {
            all.form(replicas);
            formed = true;
            return all;
        } finally {
            if (!formed) {
                all.close();
            }
        }
    }

    private void form(int replicas) {
        EmbeddedRedis first = EmbeddedRedis.start(TestServers.redisOptions().withExtraConfig("repl-diskless-sync-delay 0"));
        servers.add(first);
        for (int i = 0; i < replicas; i++) {
            servers.add(EmbeddedRedis.start(TestServers.redisOptions().withExtraConfig("replicaof 127.0.0.1 " + first.port(),
                    "repl-diskless-sync-delay 0")));
        }
        for (int i = 0; i < SENTINELS; i++) {
            sentinels.add(EmbeddedRedis.start(TestServers.redisOptions().asSentinel().withExtraConfig(
                    "sentinel monitor " + MASTER + " 127.0.0.1 " + first.port() + " 2",
                    "sentinel down-after-milliseconds " + MASTER + " 2000",
                    "sentinel failover-timeout " + MASTER + " 10000")));
        }
        Awaitility.await("all know each other").atMost(FORMED)
                .until(() -> sentinels.stream().map(sentinel -> String.valueOf(sentinel.command("SENTINEL", "MASTER", MASTER)))
                        .allMatch(known -> known.contains("num-slaves\n" + replicas)
                                && known.contains("num-other-sentinels\n" + (SENTINELS - 1))));
        Awaitility.await("the replicas are in step").atMost(FORMED).until(() -> servers.stream().skip(1)
                .allMatch(replica -> String.valueOf(replica.command("INFO", "replication")).contains("master_link_status:up")));
    }

    /** The address for clients: all Sentinels and the name of the master. */
    public String uri() {
        return sentinels.stream().map(sentinel -> "127.0.0.1:" + sentinel.port())
                .collect(Collectors.joining(",", "redis-sentinel://", "/0#" + MASTER));
    }

    /** The server that most Sentinels take for the master. */
    public EmbeddedRedis master() {
        for (EmbeddedRedis server : servers) {
            String address = "127.0.0.1\n" + server.port();
            if (sentinels.stream().filter(
                    sentinel -> address.equals(sentinel.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER))).count() > SENTINELS / 2) {
                return server;
            }
        }
        throw new IllegalStateException("the Sentinels don't agree on a master");
    }

    public List<EmbeddedRedis> sentinels() {
        return List.copyOf(sentinels);
    }

    @Override
    public void close() {
        sentinels.forEach(EmbeddedRedis::close);
        servers.forEach(EmbeddedRedis::close);
    }
}
