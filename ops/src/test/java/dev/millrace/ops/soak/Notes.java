package dev.millrace.ops.soak;

import dev.millrace.ingest.admission.Admission;
import dev.millrace.ingest.admission.AdmitResult;
import dev.millrace.ops.endtoend.Installation;
import dev.millrace.ops.testkit.TestFolders;
import dev.millrace.ops.testkit.workload.Violation;
import dev.millrace.ops.testkit.workload.Violation.Promise;
import dev.millrace.processor.effect.EffectHandler;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Outside work beside the scores: events that {@link NotingHandler} works, in lanes of their own, one after another, and what its notes and the
 * books say of them.
 */
final class Notes {
    private static final Duration AGAIN = Duration.ofMillis(50);

    private final Servers servers;
    private final String client;
    private final Admission admission;
    private final Path file = TestFolders.fresh("notes");
    private final Path services = TestFolders.fresh("services");
    /** By id, what the books must say of it. */
    private final Map<String, String> due = new ConcurrentHashMap<>();
    /** By lane, in order, the events that must be noted. */
    private final Map<String, List<String>> sent = new ConcurrentHashMap<>();

    Notes(Servers servers, Installation installation, String client) {
        this.servers = servers;
        this.client = client;
        this.admission = new Admission(installation.redis, installation.namespace, installation.settings().admission(),
                new SimpleMeterRegistry(), Clock.systemUTC());
        Path named = services.resolve("META-INF/services").resolve(EffectHandler.class.getName());
        try {
            Files.createDirectories(named.getParent());
            Files.writeString(named, NotingHandler.class.getName() + "\n");
            Files.createFile(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A folder that makes the handler known to a process. */
    Path services() {
        return services;
    }

    /** The variables that the handler needs. */
    Map<String, String> variables() {
        return Map.of(NotingHandler.FILE, file.toString());
    }

    /** Posts an event that the handler works, until it is accepted. */
    void post(String lane, String id, String data) {
        boolean kills = data.equals(NotingHandler.KILLS);
        if (!kills) {
            sent.computeIfAbsent(lane, _ -> new ArrayList<>()).add(id);
        }
        post(new Event(new Lane(client, lane, Priority.NORMAL), NotingHandler.TYPE, data, id), kills ? "dead" : "completed");
    }

    /** Posts an event that nobody can read. */
    void postUnreadable(String type, String data) {
        post(new Event(new Lane(client, "unreadable", Priority.NORMAL), type, data, "unreadable"), "dead");
    }

    private void post(Event event, String end) {
        while (true) {
            switch (admission.admit(event)) {
                case AdmitResult.Accepted accepted -> {
                    due.put(accepted.eventId(), end);
                    return;
                }
                case AdmitResult.Replayed replayed -> {
                    due.put(replayed.eventId(), end);
                    return;
                }
                case AdmitResult.Conflict conflict -> throw new IllegalStateException(event + ": " + conflict);
                default -> LockSupport.parkNanos(AGAIN.toNanos());
            }
        }
    }

    /** Waits until each event has its outcome, while something else is done again and again. */
    void awaitOutcomes(Duration within, Runnable meanwhile) {
        Awaitility.await().atMost(within).ignoreException(SQLException.class).until(() -> {
            meanwhile.run();
            return outcomes().size() >= due.size();
        });
    }

    /**
     * What the books lack or have wrong, and which lanes did not have their effects in order.
     *
     * @param within how long what is missing is waited for
     */
    List<Violation> violations(Duration within) throws SQLException {
        List<Violation> found = new ArrayList<>();
        try {
            awaitOutcomes(within, () -> {});
        } catch (ConditionTimeoutException late) {
            // Then they say what is missing.
        }
        Map<String, String> outcomes = outcomes();
        List<String> lost = due.keySet().stream().filter(id -> !due.get(id).equals(outcomes.get(id))).toList();
        if (!lost.isEmpty()) {
            found.add(new Violation(Promise.A, lost.size(), lost.getFirst() + " is " + outcomes.get(lost.getFirst()) + " in the books, not "
                    + due.get(lost.getFirst())));
        }
        Map<String, List<String>> noted = noted();
        List<String> torn = sent.keySet().stream().filter(lane -> !sent.get(lane).equals(noted.get(lane))).toList();
        if (!torn.isEmpty()) {
            found.add(new Violation(Promise.C, torn.size(), torn.getFirst() + " was worked as " + noted.get(torn.getFirst()) + ", not as "
                    + sent.get(torn.getFirst())));
        }
        return found;
    }

    private Map<String, String> outcomes() throws SQLException {
        try (Connection connection = servers.connect();
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

    /**
     * The lanes' effects as a receiver sees them that refuses what comes from an owner before the last one it heard of, and takes an event that
     * comes twice running for one: outside work is done at least once.
     */
    private Map<String, List<String>> noted() {
        Map<String, List<String>> noted = new TreeMap<>();
        Map<String, Long> epochs = new HashMap<>();
        try {
            for (String line : Files.readAllLines(file)) {
                String[] words = line.split(" ", -1);
                long epoch = Long.parseLong(words[2]);
                if (epoch >= epochs.getOrDefault(words[0], 0L)) {
                    epochs.put(words[0], epoch);
                    List<String> lane = noted.computeIfAbsent(words[0], _ -> new ArrayList<>());
                    if (lane.isEmpty() || !lane.getLast().equals(words[1])) {
                        lane.add(words[1]);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return noted;
    }
}
