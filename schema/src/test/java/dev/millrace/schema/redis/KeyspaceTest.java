package dev.millrace.schema.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.fail;

import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Partitions;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import io.lettuce.core.cluster.SlotHash;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeyspaceTest {
    /** Names that would run into each other if parts were joined by what names may hold. */
    private static final List<
            String> TRICKY = List.of("a", "b", "a:b", "b:a", "a:", ":a", ":", "::", "events", "fence", "keys", "1", "b:a:b",
                    "ranks:a", "client");
    private static final Class<?>[] OF_A_BOARD = {String.class, String.class};

    private final Keyspace keys = new Keyspace("mr");

    @Test
    void keysAreWhatTheyHaveAlwaysBeen() {
        assertThat(keys.meta()).isEqualTo("mr:meta");
        assertThat(keys.events(7, Priority.HIGH)).isEqualTo("mr:{7}:events:high");
        assertThat(keys.events(7, Priority.NORMAL)).isEqualTo("mr:{7}:events:normal");
        assertThat(keys.events(7, Priority.LOW)).isEqualTo("mr:{7}:events:low");
        assertThat(keys.lease(7, Keyspace.PROCESSORS)).isEqualTo("mr:{7}:lease:processors");
        assertThat(keys.lease(7, Keyspace.PERSISTER)).isEqualTo("mr:{7}:lease:persister");
        assertThat(keys.depth(7)).isEqualTo("mr:{7}:depth");
        assertThat(keys.once(7, 491_000)).isEqualTo("mr:{7}:once:491000");
        assertThat(keys.dead(7)).isEqualTo("mr:{7}:dead");
        assertThat(keys.deadIndex(7)).isEqualTo("mr:{7}:dead:index");
        assertThat(keys.deadHandled(7)).isEqualTo("mr:{7}:dead:handled");
        assertThat(keys.deadAudit(7)).isEqualTo("mr:{7}:dead:audit");
        assertThat(keys.scheduled(7)).isEqualTo("mr:{7}:scheduled");
        assertThat(keys.scheduledPayloads(7)).isEqualTo("mr:{7}:scheduled:payloads");
        assertThat(keys.moved(7)).isEqualTo("mr:{7}:moved");
        assertThat(keys.cancelled(7)).isEqualTo("mr:{7}:cancelled");
        assertThat(keys.tries(7)).isEqualTo("mr:{7}:tries");
        assertThat(keys.paused(7)).isEqualTo("mr:{7}:paused");
        assertThat(keys.addressBucket("192.0.2.1", "r/fixed-window-60000")).isEqualTo("mr:bucket:{ip/192.0.2.1}:r/fixed-window-60000");
        assertThat(keys.clientBucket("acme", "r/fixed-window-60000")).isEqualTo("mr:bucket:{acme}:r/fixed-window-60000");
        assertThat(keys.refusals()).isEqualTo("mr:refusals");
        assertThat(keys.refusals("acme")).isEqualTo("mr:refusals:{acme}");
        assertThat(keys.usage("acme", 491_000)).isEqualTo("mr:usage:{acme}:491000");
        assertThat(keys.usageClients()).isEqualTo("mr:usage:clients");
        assertThat(keys.bell()).isEqualTo("mr:bell");
        assertThat(keys.arrivals(Keyspace.PERSISTER)).isEqualTo("mr:arrivals:persister");
        assertThat(keys.player(7, new PlayerKey("acme", "main", "ann"))).isEqualTo("mr:{7}:player:acme/main/ann");
        assertThat(keys.changes(7)).isEqualTo("mr:{7}:changes");
        assertThat(keys.boarded(7)).isEqualTo("mr:{7}:boarded");
        assertThat(keys.boardRanks("acme", "main", "all", "EU")).isEqualTo("mr:{b:acme/main}:ranks/all/EU");
        assertThat(keys.boardPlayers("acme", "main", "all")).isEqualTo("mr:{b:acme/main}:players/all");
        assertThat(keys.boardFence("acme", "main")).isEqualTo("mr:{b:acme/main}:fence");
        assertThat(keys.members("processors")).isEqualTo("mr:members:processors");
        assertThat(keys.client("acme")).isEqualTo("mr:client:{acme}");
        assertThat(keys.clientKeys("acme")).isEqualTo("mr:client:{acme}:keys");
        assertThat(keys.clientLock("acme")).isEqualTo("mr:client:{acme}:lock");
        assertThat(keys.clientFence("acme")).isEqualTo("mr:client:{acme}:fence");
        assertThat(keys.apiKey("0a1b")).isEqualTo("mr:key:0a1b");
        assertThat(keys.user("acme", "ann")).isEqualTo("mr:user:{u:acme/ann}");
        assertThat(keys.userSessions("acme", "ann")).isEqualTo("mr:user:{u:acme/ann}:sessions");
        assertThat(keys.userFailures("acme", "ann")).isEqualTo("mr:user:{u:acme/ann}:failures");
        assertThat(keys.userFailures("acme", "ann", "192.0.2.7")).isEqualTo("mr:user:{u:acme/ann}:failures/192.0.2.7");
        assertThat(keys.addressFailures("192.0.2.7")).isEqualTo("mr:failures:192.0.2.7");
        assertThat(keys.session("0a1b")).isEqualTo("mr:session:0a1b");
        assertThat(keys.denied("0a1b")).isEqualTo("mr:denied:0a1b");
        assertThat(Keyspace.laneDepth(new Lane("acme", "ann", Priority.NORMAL))).isEqualTo("l:acme/ann");
        assertThat(Keyspace.laneDepth(new Lane("acme", "ann", Priority.HIGH))).isEqualTo("l:high/acme/ann");
        assertThat(Keyspace.laneField(new Lane("acme", "ann", Priority.NORMAL))).isEqualTo("normal/acme/ann");
        assertThat(Keyspace.deadField(new EventRef(7, Priority.LOW, StreamId.parse("5-1")))).isEqualTo("low/5-1");
        assertThat(Keyspace.deadField(new EventRef(7, Priority.LOW, StreamId.parse("5-1"), true))).isEqualTo("low/s5-1");
        assertThat(Keyspace.redrivenMember(new EventRef(7, Priority.LOW, StreamId.parse("5-1")))).isEqualTo("r/low/5-1");
        assertThat(Keyspace.discardedMember(new EventRef(7, Priority.LOW, StreamId.parse("5-1"), true))).isEqualTo("d/low/s5-1");
        assertThat(Keyspace.clientDepth("acme")).isEqualTo("c:acme");
    }

    @Test
    void everyKeyOfAPartitionIsInThePartitionsSlot() {
        List<Method> ofPartitions = builders()
                .filter(method -> method.getParameterCount() > 0 && method.getParameterTypes()[0] == int.class).toList();
        assertThat(ofPartitions).hasSizeGreaterThan(5);
        for (int partition : new int[]{0, 7, Partitions.MAX_COUNT - 1}) {
            for (Method method : ofPartitions) {
                for (String name : TRICKY) {
                    String key = build(method, partition, name);
                    assertThat(key).contains("{" + partition + "}");
                    assertThat(SlotHash.getSlot(key)).as(key).isEqualTo(SlotHash.getSlot(Integer.toString(partition)));
                }
            }
        }
    }

    @Test
    void everyKeyOfABoardIsInTheBoardsSlot() {
        List<Method> ofBoards = builders().filter(KeyspaceTest::isOfABoard).toList();
        assertThat(ofBoards).hasSizeGreaterThan(2);
        for (String client : TRICKY) {
            for (String board : TRICKY) {
                for (Method method : ofBoards) {
                    String key = build(method, client, board);
                    assertThat(SlotHash.getSlot(key)).as(key).isEqualTo(SlotHash.getSlot(keys.boardFence(client, board)));
                    assertThat(key).contains("{b:" + client + "/" + board + "}");
                }
            }
        }
    }

    @Test
    void everyKeyOfAClientIsInTheClientsSlot() {
        for (String client : TRICKY) {
            assertThat(SlotHash.getSlot(keys.client(client))).isEqualTo(SlotHash.getSlot(client));
            assertThat(SlotHash.getSlot(keys.clientKeys(client))).isEqualTo(SlotHash.getSlot(client));
        }
    }

    @Test
    void everyKeyOfAUserIsInTheUsersSlot() {
        for (String client : TRICKY) {
            for (String user : TRICKY) {
                int slot = SlotHash.getSlot("u:" + client + "/" + user);
                assertThat(SlotHash.getSlot(keys.user(client, user))).isEqualTo(slot);
                assertThat(SlotHash.getSlot(keys.userSessions(client, user))).isEqualTo(slot);
                assertThat(SlotHash.getSlot(keys.userFailures(client, user))).isEqualTo(slot);
                assertThat(SlotHash.getSlot(keys.userFailures(client, user, "192.0.2.7"))).isEqualTo(slot);
            }
        }
    }

    @Test
    void differentThingsNeverShareAKey() {
        Map<String, String> seen = new HashMap<>();
        for (String one : TRICKY) {
            put(seen, keys.client(one), "client " + one);
            put(seen, keys.clientKeys(one), "keys of " + one);
            put(seen, keys.addressFailures(one), "failures of the address " + one);
            put(seen, keys.session(one), "session " + one);
            put(seen, keys.denied(one), "denial of " + one);
            for (String two : TRICKY) {
                put(seen, keys.user(one, two), "user " + one + " and " + two);
                put(seen, keys.userSessions(one, two), "sessions of " + one + " and " + two);
                put(seen, keys.userFailures(one, two), "failures of " + one + " and " + two);
                put(seen, keys.boardFence(one, two), "fence of " + one + " and " + two);
                for (String three : TRICKY) {
                    put(seen, keys.player(1, new PlayerKey(one, two, three)), "player " + one + " and " + two + " and " + three);
                    put(seen, keys.boardPlayers(one, two, three), "players of " + one + " and " + two + " and " + three);
                    for (String four : TRICKY) {
                        put(seen, keys.boardRanks(one, two, three, four),
                                "ranks of " + one + " and " + two + " and " + three + " and " + four);
                    }
                }
            }
        }
        for (int partition = 0; partition < 200; partition++) {
            for (Priority priority : Priority.values()) {
                put(seen, keys.events(partition, priority), "events of " + partition + " and " + priority);
            }
            for (String group : List.of(Keyspace.PROCESSORS, Keyspace.PERSISTER)) {
                put(seen, keys.lease(partition, group), "lease of " + partition + " and " + group);
            }
            for (int bucket = 0; bucket < 20; bucket++) {
                put(seen, keys.once(partition, bucket), "once of " + partition + " and " + bucket);
            }
            put(seen, keys.depth(partition), "depth of " + partition);
            put(seen, keys.dead(partition), "dead of " + partition);
            put(seen, keys.deadIndex(partition), "index of " + partition);
            put(seen, keys.deadHandled(partition), "handled of " + partition);
            put(seen, keys.deadAudit(partition), "audit of " + partition);
            put(seen, keys.changes(partition), "changes of " + partition);
            put(seen, keys.boarded(partition), "boarded of " + partition);
            put(seen, keys.scheduled(partition), "scheduled of " + partition);
            put(seen, keys.scheduledPayloads(partition), "payloads of " + partition);
            put(seen, keys.moved(partition), "moved of " + partition);
            put(seen, keys.cancelled(partition), "cancelled of " + partition);
            put(seen, keys.tries(partition), "tries of " + partition);
            put(seen, keys.paused(partition), "paused of " + partition);
        }
        put(seen, keys.meta(), "meta");
        put(seen, keys.bell(), "bell");
        put(seen, keys.arrivals(Keyspace.PROCESSORS), "arrivals of processors");
        put(seen, keys.arrivals(Keyspace.PERSISTER), "arrivals of persisters");
        put(seen, keys.members(Keyspace.PROCESSORS), "processors");
        put(seen, keys.members(Keyspace.PERSISTER), "persisters");
        assertThat(seen).hasSizeGreaterThan(10_000);
    }

    @Test
    void differentCountsNeverShareAFieldOfDepth() {
        Set<String> fields = new HashSet<>(Set.of(Keyspace.DEPTH_UNPERSISTED));
        for (String client : TRICKY) {
            assertThat(fields.add(Keyspace.clientDepth(client))).isTrue();
            for (String lane : TRICKY) {
                for (Priority priority : Priority.values()) {
                    assertThat(fields.add(Keyspace.laneDepth(new Lane(client, lane, priority)))).isTrue();
                }
            }
        }
    }

    @Test
    void membersOfTheScheduleSortLikeIds() {
        List<StreamId> ids = List.of(StreamId.ZERO, StreamId.parse("9-9999999999"), StreamId.parse("10-0"), StreamId.parse("10-1"),
                StreamId.parse("1767225600000-2"), StreamId.parse("1767225600000-63936"), StreamId.parse("9999999999999-0"));
        assertThat(ids.stream().map(Keyspace::scheduledMember)).isSorted().allSatisfy(member -> assertThat(member).hasSize(24))
                .contains("1767225600000-0000063936");
    }

    @Test
    void namespacesNeverShareAKey() {
        Set<String> ours = new HashSet<>();
        Set<String> theirs = new HashSet<>();
        builders().forEach(method -> {
            for (String name : TRICKY) {
                ours.add(build(new Keyspace("mr"), method, 1, name, "x"));
                theirs.add(build(new Keyspace("mr-2"), method, 1, name, "x"));
            }
        });
        assertThat(ours).hasSizeGreaterThan(50).doesNotContainAnyElementsOf(theirs);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "{a}", "a/b"})
    void refusesANamespaceThatIsNoName(String namespace) {
        assertThatIllegalArgumentException().isThrownBy(() -> new Keyspace(namespace))
                .withMessageStartingWith("MILLRACE_NAMESPACE must match ");
    }

    private static void put(Map<String, String> seen, String key, String what) {
        String other = seen.put(key, what);
        if (other != null) {
            fail("%s is the key of %s and of %s", key, what, other);
        }
    }

    /** Everything that makes a key, so that a key that is added later is held to the same rules. */
    private static Stream<Method> builders() {
        return Arrays.stream(Keyspace.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !Modifier.isStatic(method.getModifiers()))
                .filter(method -> method.getReturnType() == String.class && !Set.of("toString", "namespace").contains(method.getName()));
    }

    private static boolean isOfABoard(Method method) {
        return method.getName().startsWith("board") && method.getParameterCount() > 1
                && Arrays.equals(Arrays.copyOf(method.getParameterTypes(), 2), OF_A_BOARD);
    }

    private String build(Method method, int partition, String name) {
        return build(keys, method, partition, name, name);
    }

    private String build(Method method, String first, String second) {
        return build(keys, method, 0, first, second);
    }

    /** Fills in the first text, the second, and the second again where there are more. */
    private static String build(Keyspace keys, Method method, int partition, String first, String second) {
        List<Object> arguments = new ArrayList<>();
        boolean isFirst = true;
        for (Class<?> type : method.getParameterTypes()) {
            if (type == String.class) {
                arguments.add(isFirst ? first : second);
                isFirst = false;
            } else if (type == int.class) {
                arguments.add(partition);
            } else if (type == long.class) {
                arguments.add(3L);
            } else if (type == Priority.class) {
                arguments.add(Priority.LOW);
            } else {
                assertThat(type).as("parameter of %s", method).isEqualTo(PlayerKey.class);
                arguments.add(new PlayerKey(first, second, second));
            }
        }
        try {
            return (String) method.invoke(keys, arguments.toArray());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
