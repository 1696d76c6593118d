package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.redis.Keyspace;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@RealRedis
final class PartitionsTest {
    private static final int PARTITION = 3;
    private static final String PATH = "/v1/monitoring/partitions";

    private final RedisSpace space;
    private RunningApi api;

    PartitionsTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void start() {
        space.clear();
        api = RunningApi.start(space);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void aFreshPartitionHasNothingAndNobody() {
        assertThat(list(PATH).path("items").get(0).toString()).isEqualTo("{\"partition\":0,\"leaseLeftMs\":0,"
                + "\"backlog\":{\"high\":0,\"normal\":0,\"low\":0},\"pending\":0,\"scheduled\":0,\"dead\":0,\"unpersisted\":0,"
                + "\"lanesInTrouble\":0,\"lanesPaused\":0,\"deepestLanes\":[],\"allLanesSeen\":true}");
    }

    @Test
    void aPartitionSaysWhoWorksItAndWhatWaitsWhere() {
        Keyspace keys = api.namespace().keys();
        command("HSET", keys.lease(PARTITION, Keyspace.PROCESSORS), "owner", "worker-1", "epoch", "1790000000123457", "until",
                Long.toString(System.currentTimeMillis() + 50_000));
        command("XADD", keys.events(PARTITION, Priority.HIGH), "*", "v", "1");
        for (int i = 0; i < 2; i++) {
            command("XADD", keys.events(PARTITION, Priority.NORMAL), "*", "v", "1");
        }
        command("XGROUP", "CREATE", keys.events(PARTITION, Priority.NORMAL), Keyspace.PROCESSORS, "0");
        command("XREADGROUP", "GROUP", Keyspace.PROCESSORS, Keyspace.CONSUMER, "COUNT", "1", "STREAMS",
                keys.events(PARTITION, Priority.NORMAL), ">");
        command("ZADD", keys.scheduled(PARTITION), Long.toString(System.currentTimeMillis() + 3_600_000), "one", "9999999999999", "two");
        command("XADD", keys.dead(PARTITION), "*", "v", "1");
        command("HSET", keys.tries(PARTITION), "normal/acme/a", "x", "normal/acme/b", "x");
        command("HSET", keys.paused(PARTITION), "normal/acme/a", "1");
        command("HSET", keys.depth(PARTITION), Keyspace.DEPTH_UNPERSISTED, "12", Keyspace.clientDepth("acme"), "99");
        for (int i = 1; i <= 7; i++) {
            command("HSET", keys.depth(PARTITION), Keyspace.laneDepth(new Lane("acme", "lane" + i, Priority.NORMAL)), Integer.toString(i));
        }
        command("HSET", keys.depth(PARTITION), Keyspace.laneDepth(new Lane("acme", "lane7", Priority.LOW)), "40");

        JsonNode partition = list(PATH).path("items").get(PARTITION);

        assertThat(partition.path("partition").intValue()).isEqualTo(PARTITION);
        assertThat(partition.path("owner").stringValue()).isEqualTo("worker-1");
        assertThat(partition.path("epoch").longValue()).isEqualTo(1_790_000_000_123_457L);
        assertThat(partition.path("leaseLeftMs").longValue()).isBetween(1L, 50_000L);
        assertThat(partition.path("backlog").toString()).isEqualTo("{\"high\":1,\"normal\":2,\"low\":0}");
        assertThat(partition.path("pending").longValue()).isEqualTo(1);
        assertThat(partition.path("scheduled").longValue()).isEqualTo(2);
        assertThat(partition.path("nextDueInMs").longValue()).isBetween(3_000_000L, 3_600_000L);
        assertThat(partition.path("dead").longValue()).isEqualTo(1);
        assertThat(partition.path("unpersisted").longValue()).isEqualTo(12);
        assertThat(partition.path("lanesInTrouble").longValue()).isEqualTo(2);
        assertThat(partition.path("lanesPaused").longValue()).isEqualTo(1);
        assertThat(partition.path("deepestLanes").valueStream()
                .map(lane -> lane.path("priority").stringValue() + ' ' + lane.path("lane").stringValue() + ' ' + lane.path("depth")))
                .containsExactly("low lane7 40", "normal lane7 7", "normal lane6 6", "normal lane5 5", "normal lane4 4");
        assertThat(partition.path("allLanesSeen").booleanValue()).isTrue();
    }

    @Test
    void ofVeryManyLanesSomeAreLookedAtOnly() {
        String depth = api.namespace().keys().depth(PARTITION);
        command("EVAL", "for i = 1, 20000 do redis.call('HSET', KEYS[1], 'l:acme/lane' .. i, i) end", "1", depth);

        JsonNode partition = list(PATH).path("items").get(PARTITION);

        assertThat(partition.path("allLanesSeen").booleanValue()).isFalse();
        assertThat(partition.path("deepestLanes")).hasSize(5);
    }

    @Test
    void partitionsComeInPages() {
        JsonNode first = list(PATH + "?limit=5");
        assertThat(numbers(first)).containsExactly(0, 1, 2, 3, 4);
        JsonNode second = list(PATH + "?limit=5&cursor=" + first.path("next").stringValue());
        assertThat(numbers(second)).containsExactly(5, 6, 7);
        assertThat(second.path("next").isNull()).isTrue();
        assertThat(numbers(list(PATH))).hasSize(8);
    }

    @Test
    void theyAreTheAdministratorsToSee() {
        assertThat(api.get(PATH).status()).isEqualTo(403);
        assertThat(api.getAs(null, PATH).status()).isEqualTo(401);
        for (String query : List.of("?limit=0", "?limit=1001", "?cursor=x", "?cursor=9", "?client=acme")) {
            assertThat(api.getAs(RunningApi.ADMIN_KEY, PATH + query).status()).as(query).isEqualTo(422);
        }
    }

    private JsonNode list(String path) {
        Answer answer = api.getAs(RunningApi.ADMIN_KEY, path);
        assertThat(answer.status()).isEqualTo(200);
        return answer.json();
    }

    private static List<Integer> numbers(JsonNode page) {
        return page.path("items").valueStream().map(item -> item.path("partition").intValue()).toList();
    }

    private void command(String... words) {
        space.server().command(words);
    }
}
