package dev.millrace.ops.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.RedisCluster;
import dev.millrace.ops.testkit.workload.Journal;
import dev.millrace.ops.testkit.workload.Load;
import dev.millrace.ops.testkit.workload.ScoreEvent;
import dev.millrace.ops.testkit.workload.Workload;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.redis.Keyspace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** On a Redis Cluster of three masters with a replica each. */
final class ClusterIT extends TopologyContract {
    private RedisCluster cluster;

    @Override
    String startRedis() {
        cluster = RedisCluster.start(3, true);
        return cluster.uri();
    }

    @Override
    void stopRedis() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Override
    Runnable killAMaster(Random random) {
        List<EmbeddedRedis> masters = cluster.masters();
        EmbeddedRedis killed = masters.get(random.nextInt(masters.size()));
        killed.kill();
        return () -> {
            killed.restart();
            await().atMost(SOON).until(() -> cluster.isWhole() && cluster.masters().size() == masters.size()
                    && Objects.toString(killed.command("INFO", "replication")).contains("master_link_status:up"));
        };
    }

    @Test
    void slotsMoveUnderLoadAndNobodyNotices() throws Exception {
        Workload workload = Workload.random("moving", 500);
        Random random = new Random(workload.seed());
        int events = 10 * PER_SECOND;
        Journal journal = installation.journal("ClusterIT-moving");
        int moves = 0;
        try (Load load = Load.start(workload.events(events), installation.admissionDoor(), journal, Load.Options.of(8, 20, PER_SECOND))) {
            List<String> places = places(workload.client());
            List<EmbeddedRedis> masters = cluster.masters();
            Map<String, EmbeddedRedis> owners = new HashMap<>();
            while (!load.isDone()) {
                String place = places.get(random.nextInt(places.size()));
                EmbeddedRedis from = owners.computeIfAbsent(place, cluster::masterOf);
                EmbeddedRedis to = masters.get((masters.indexOf(from) + 1 + random.nextInt(masters.size() - 1)) % masters.size());
                cluster.migrate(place, from, to);
                owners.put(place, to);
                moves++;
            }
            load.await(SOON);
        }
        System.out.println(moves + " slots moved");
        installation.assertPromisesKept(workload.client(), journal, SOON);
        assertThat(journal.accepted()).hasSize(events);
        assertThat(moves).isGreaterThan(5);
        await().atMost(SOON).until(() -> installation.owners().size() == installation.namespace.partitions().count());
    }

    @Test
    void aMasterThatIsAwayHoldsUpItsOwnPartitionsOnly() throws Exception {
        Workload workload = Workload.random("beside", 500);
        Keyspace keys = installation.namespace.keys();
        EmbeddedRedis boards = cluster.masterOf(keys.boardFence(workload.client(), ScoreData.MAIN_BOARD));
        EmbeddedRedis away = cluster.masters().stream().filter(master -> !master.equals(boards)).findFirst().orElseThrow();
        EmbeddedRedis replica = cluster.replicaOf(away);
        List<Integer> elsewhere = IntStream.range(0, installation.namespace.partitions().count())
                .filter(partition -> !cluster.masterOf(keys.lease(partition, Keyspace.PROCESSORS)).equals(away)).boxed().toList();
        List<ScoreEvent> events = workload.events(5 * PER_SECOND).stream()
                .filter(event -> elsewhere.contains(installation.namespace.partitions().of(workload.client(), event.data().player())))
                .toList();
        Journal journal = installation.journal("ClusterIT-beside");
        replica.pause();
        away.pause();
        try (Load load = Load.start(events, installation.admissionDoor(), journal, Load.Options.of(8, 20, PER_SECOND))) {
            load.await(SOON);
            await().atMost(SOON).until(() -> elsewhere.stream().allMatch(partition -> installation.redis.await(installation.redis
                    .command(keys.events(partition, Priority.NORMAL), (commands, at) -> commands.xlen(at))) == 0));
        } finally {
            away.resume();
            replica.resume();
        }
        assertThat(journal.count("NotNow") + journal.count("Unknown")).as("answers but for yes").isZero();
        installation.assertPromisesKept(workload.client(), journal, SOON);
        await().atMost(SOON).until(() -> cluster.isWhole()
                && installation.owners().size() == installation.namespace.partitions().count());
    }

    /** A key of every partition, of the board that all of them write, and of what the processors agree by. */
    private List<String> places(String client) {
        Keyspace keys = installation.namespace.keys();
        List<String> places = new ArrayList<>(List.of(keys.boardFence(client, ScoreData.MAIN_BOARD), keys.members(Keyspace.PROCESSORS)));
        for (int partition = 0; partition < installation.namespace.partitions().count(); partition++) {
            places.add(keys.lease(partition, Keyspace.PROCESSORS));
        }
        return places;
    }
}
