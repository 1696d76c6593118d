package dev.millrace.ops.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.admission.Admission;
import dev.millrace.ingest.admission.AdmitResult;
import dev.millrace.ops.endtoend.Installation;
import dev.millrace.ops.testkit.TestFolders;
import dev.millrace.processor.effect.EffectHandler;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreOp;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An event that kills whoever works it, among others of the same and of other lanes, and some that nobody can read. */
final class PoisonFaults {
    private static final int LANES = 20;
    private static final int ROUNDS = 6;
    private static final Duration ENDED = Duration.ofSeconds(90);

    private final Scene scene;
    private final String client;
    private final Admission admission;
    private final Path notes = TestFolders.fresh("notes");
    /** By id, what the books must say of it. */
    private final Map<String, String> due = new HashMap<>();
    private final Map<String, List<String>> sent = new HashMap<>();

    private PoisonFaults(Scene scene) {
        this.scene = scene;
        this.client = scene.client + "-notes";
        this.admission = new Admission(scene.installation.redis, scene.installation.namespace, scene.installation.settings().admission(),
                new SimpleMeterRegistry(), Clock.systemUTC());
    }

    static void poison(Scene scene) throws Exception {
        new PoisonFaults(scene).play();
    }

    private void play() throws Exception {
        Path services = TestFolders.fresh("services");
        Path named = services.resolve("META-INF/services").resolve(EffectHandler.class.getName());
        Files.createDirectories(named.getParent());
        Files.writeString(named, NotingHandler.class.getName() + "\n");
        scene.also(services, Map.of(NotingHandler.FILE, notes.toString()));
        List<Member> processors = scene.start(Installation.PROCESSOR, Installation.PROCESSOR, Installation.PERSISTER).subList(0, 2);
        scene.beginLoad();
        int killed = 0;
        for (Duration _ : scene.moments(1)) {
            int poisoned = scene.random.nextInt(LANES);
            for (int round = 0; round < ROUNDS; round++) {
                for (int lane = 0; lane < LANES; lane++) {
                    post("lane" + lane, round, lane == poisoned && round == ROUNDS / 2);
                }
            }
            admit(new Event(new Lane(client, "unreadable", Priority.NORMAL), ScoreOp.ADD.type(), "{\"player\":7}", "bad"), "dead");
            killed = awaitEnds(processors);
        }
        assertThat(killed).as("processes that the event has killed").isBetween(NotingHandler.CRASHES, NotingHandler.CRASHES + 1);
        assertThat(outcomes()).isEqualTo(due);
        inOrder();
    }

    private void post(String lane, int round, boolean kills) {
        String id = lane + "-" + round;
        String data = kills ? NotingHandler.KILLS
                : scene.random.nextInt(10) == 0 ? NotingHandler.FAILS_AT_FIRST : NotingHandler.WORKS;
        if (!kills) {
            sent.computeIfAbsent(lane, _ -> new ArrayList<>()).add(id);
        }
        admit(new Event(new Lane(client, lane, Priority.NORMAL), NotingHandler.TYPE, data, id), kills ? "dead" : "completed");
    }

    private void admit(Event event, String end) {
        AdmitResult result = admission.admit(event);
        if (!(result instanceof AdmitResult.Accepted accepted)) {
            throw new AssertionError(event + " was not accepted: " + result);
        }
        due.put(accepted.eventId(), end);
    }

    /** Starts others for those that are killed, until every event has its outcome. */
    private int awaitEnds(List<Member> processors) {
        int[] killed = {0};
        await().atMost(ENDED).until(() -> {
            for (Member member : List.copyOf(processors)) {
                if (!member.process().isAlive()) {
                    killed[0]++;
                    processors.set(processors.indexOf(member), scene.launch(Installation.PROCESSOR));
                }
            }
            return outcomes().size() >= due.size();
        });
        return killed[0];
    }

    private Map<String, String> outcomes() throws SQLException {
        try (Connection connection = scene.servers.connect();
                PreparedStatement asked = connection.prepareStatement("select event_id, outcome from events where client_id = ?")) {
            asked.setString(1, client);
            Map<String, String> outcomes = new HashMap<>();
            try (ResultSet rows = asked.executeQuery()) {
                while (rows.next()) {
                    outcomes.put(rows.getString(1), rows.getString(2));
                }
            }
            return outcomes;
        }
    }

    /** An event may be noted again, by who took over from one that was killed; but no later one of its lane comes before that. */
    private void inOrder() throws IOException {
        Map<String, List<String>> noted = new HashMap<>();
        for (String line : Files.readAllLines(notes)) {
            String[] words = line.split(" ", -1);
            List<String> lane = noted.computeIfAbsent(words[0], _ -> new ArrayList<>());
            if (lane.isEmpty() || !lane.getLast().equals(words[1])) {
                lane.add(words[1]);
            }
        }
        Set<String> lanes = new HashSet<>(sent.keySet());
        lanes.addAll(noted.keySet());
        for (String lane : lanes) {
            assertThat(noted.get(lane)).as("effects of %s", lane).isEqualTo(sent.get(lane));
        }
    }
}
