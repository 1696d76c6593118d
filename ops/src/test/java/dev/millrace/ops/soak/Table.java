package dev.millrace.ops.soak;

import dev.millrace.ops.testkit.workload.Violation.Promise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Outcomes by fault, as a table for people and as one line a run; written anew after each run. */
final class Table {
    private static final Path FOLDER = Path.of("target", "soak").toAbsolutePath();

    private final Map<Fault, List<Outcome>> outcomes = new TreeMap<>();

    void add(Outcome outcome) throws IOException {
        outcomes.computeIfAbsent(outcome.fault(), _ -> new ArrayList<>()).add(outcome);
        Files.createDirectories(FOLDER);
        Files.writeString(FOLDER.resolve("faults.md"), markdown());
        Files.writeString(FOLDER.resolve("faults.csv"), csv());
    }

    String markdown() {
        StringBuilder text = new StringBuilder("""
                | # | fault | runs | events acknowledged | lost | doubled | out of order | differing | recovery p50 | max | bound | late |
                |--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
                """);
        outcomes.forEach((fault, all) -> text.append(row(fault, all)));
        return text.toString();
    }

    private static String row(Fault fault, List<Outcome> all) {
        List<Long> recovered = all.stream().map(outcome -> outcome.recovered().toMillis()).sorted().toList();
        List<String> cells = List.of(Integer.toString(fault.number()), fault.title(), Integer.toString(all.size()),
                String.format("%,d", all.stream().mapToInt(Outcome::acknowledged).sum()),
                broken(all, Promise.A), broken(all, Promise.B), broken(all, Promise.C), broken(all, Promise.D),
                seconds(recovered.get((recovered.size() - 1) / 2)), seconds(recovered.getLast()), seconds(fault.recovery().toMillis()),
                broken(all, Promise.E));
        return cells.stream().collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    private static String broken(List<Outcome> all, Promise promise) {
        return Integer.toString(all.stream().mapToInt(outcome -> outcome.broken(promise)).sum());
    }

    private static String seconds(long ms) {
        return ms == 0 ? "–" : String.format("%.1f s", ms / 1_000.0);
    }

    private String csv() {
        StringBuilder text = new StringBuilder("fault,seed,acknowledged,A,B,C,D,E,recovered_ms,drained_ms\n");
        for (List<Outcome> all : outcomes.values()) {
            for (Outcome one : all) {
                text.append(one.fault().number()).append(',').append(one.seed()).append(',').append(one.acknowledged());
                for (Promise promise : Promise.values()) {
                    text.append(',').append(one.broken(promise));
                }
                text.append(',').append(one.recovered().toMillis()).append(',')
                        .append(one.drained().map(Duration::toMillis).map(String::valueOf).orElse("")).append('\n');
            }
        }
        return text.toString();
    }
}
