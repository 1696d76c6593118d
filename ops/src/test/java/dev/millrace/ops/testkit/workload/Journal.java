package dev.millrace.ops.testkit.workload;

import dev.millrace.ops.testkit.workload.Door.Answer;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What producers know of their events: every answer, flushed to a file before the producer goes on. A later try of the same event settles
 * what an earlier one left unknown.
 */
public final class Journal implements AutoCloseable {
    private final Path file;
    private final BufferedWriter out;
    private final Map<Long, Told> told = new TreeMap<>();
    private final Map<String, Integer> answers = new TreeMap<>();

    private Journal(Path file, BufferedWriter out) {
        this.file = file;
        this.out = out;
    }

    /** What is known of one event. */
    private record Told(ScoreEvent event, Set<String> eventIds, boolean unknown) {}

    /** Begins an empty journal. */
    public static Journal at(Path file) {
        try {
            Files.createDirectories(file.getParent());
            return new Journal(file, Files.newBufferedWriter(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized void note(ScoreEvent event, Answer answer) {
        write(event.sequence() + "\t" + event.data().player() + "\t" + event.op().word() + "\t" + event.data().value() + "\t" + answer);
        Told before = told.getOrDefault(event.sequence(), new Told(event, Set.of(), false));
        told.put(event.sequence(), switch (answer) {
            case Answer.Accepted accepted -> {
                Set<String> ids = new TreeSet<>(before.eventIds());
                ids.add(accepted.eventId());
                yield new Told(event, ids, false);
            }
            case Answer.Unknown _ -> new Told(event, before.eventIds(), true);
            case Answer.NotNow _,Answer.Refused _ -> before;
        });
        String kind = answer instanceof Answer.Accepted accepted && accepted.replayed() ? "Replayed" : answer.getClass().getSimpleName();
        answers.merge(kind, 1, Integer::sum);
    }

    /** Accepted events and the ids that their producers were told: more than one is a fault that the checker reports. */
    public synchronized Map<ScoreEvent, Set<String>> accepted() {
        Map<ScoreEvent, Set<String>> accepted = new LinkedHashMap<>();
        told.values().stream().filter(one -> !one.eventIds().isEmpty()).forEach(one -> accepted.put(one.event(), one.eventIds()));
        return accepted;
    }

    /** Events of which it is unknown whether they were accepted. */
    public synchronized List<ScoreEvent> open() {
        return told.values().stream().filter(one -> one.eventIds().isEmpty() && one.unknown()).map(Told::event).toList();
    }

    /** How many answers there were of a kind: Accepted, Replayed, Unknown, NotNow, Refused. */
    public synchronized int count(String kind) {
        return answers.getOrDefault(kind, 0);
    }

    /** Where it can be read after a failure. */
    public Path file() {
        return file;
    }

    /** How many answers there were of each kind. */
    @Override
    public synchronized String toString() {
        Collection<String> counts = new ArrayList<>();
        answers.forEach((kind, count) -> counts.add(count + " " + kind));
        return String.join(", ", counts) + " (" + file + ")";
    }

    private void write(String line) {
        try {
            out.write(line);
            out.newLine();
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
