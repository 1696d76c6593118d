package dev.millrace.ops.endtoend;

import static org.awaitility.Awaitility.await;

import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.RedisSentinels;
import java.util.Objects;
import java.util.Random;

/** On a master that three Sentinels watch over. */
final class SentinelIT extends TopologyContract {
    private RedisSentinels sentinels;

    @Override
    String startRedis() {
        sentinels = RedisSentinels.start(1);
        return sentinels.uri();
    }

    @Override
    void stopRedis() {
        if (sentinels != null) {
            sentinels.close();
        }
    }

    @Override
    Runnable killAMaster(Random random) {
        EmbeddedRedis killed = sentinels.master();
        killed.kill();
        return () -> {
            killed.restart();
            await().atMost(SOON).until(() -> Objects.toString(killed.command("INFO", "replication"))
                    .contains("master_link_status:up"));
        };
    }
}
