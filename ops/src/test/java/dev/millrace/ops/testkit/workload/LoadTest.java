package dev.millrace.ops.testkit.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.ops.testkit.TestFolders;
import dev.millrace.ops.testkit.workload.Door.Answer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LoadTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Load.Options FAST = new Load.Options(4, 5, 1_000_000, Duration.ofNanos(1));

    private final Journal journal = Journal.at(TestFolders.fresh("load").resolve("journal.tsv"));
    private final List<ScoreEvent> events = new Workload("acme", 20, 3).events(500);

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void everyEventIsSentUntilItsOutcomeIsKnownAndInTheOrderOfItsLane() {
        Shaky door = new Shaky();
        try (Load load = Load.start(events, door, journal, FAST)) {
            load.await(LONG);
            assertThat(load.accepted()).isEqualTo(500);
        }
        assertThat(door.taken).hasSize(500);
        Map<String, List<Long>> lanes = door.taken.stream()
                .collect(Collectors.groupingBy(event -> event.data().player(),
                        Collectors.mapping(ScoreEvent::sequence, Collectors.toList())));
        assertThat(lanes.values()).allSatisfy(sequences -> assertThat(sequences).isSorted());
        assertThat(journal.accepted().keySet()).containsExactlyElementsOf(events);
        assertThat(journal.open()).isEmpty();
        assertThat(journal.count("Unknown")).isPositive();
        assertThat(journal.count("NotNow")).isPositive();
    }

    @Test
    void aRefusalEndsTheLoad() {
        try (Load load = Load.start(events, door(event -> new Answer.Refused("422")), journal, FAST)) {
            assertThatThrownBy(() -> load.await(LONG)).isInstanceOf(AssertionError.class).hasMessageContaining("was refused: 422");
        }
    }

    @Test
    void whatIsNotKnownAtTheEndIsOpenAndWhatWasNotTakenIsNot() {
        try (Load load = Load.start(events.subList(0, 1), door(event -> new Answer.Unknown("no answer")), journal, FAST)) {
            assertThatThrownBy(() -> load.await(Duration.ofMillis(200))).isInstanceOf(AssertionError.class);
        }
        journal.note(events.get(1), new Answer.NotNow("503"));
        assertThat(journal.open()).containsExactly(events.get(0));
        assertThat(journal.accepted()).isEmpty();
    }

    @Test
    void twoIdsForOneEventAreBothKept() {
        journal.note(events.get(0), new Answer.Accepted("a", false));
        journal.note(events.get(0), new Answer.Accepted("b", true));
        assertThat(journal.accepted()).containsExactly(Map.entry(events.get(0), Set.of("a", "b")));
    }

    @Test
    void theJournalIsInItsFileBeforeAnythingElseIsSent() throws Exception {
        journal.note(events.get(0), new Answer.Accepted("a", false));
        assertThat(Files.readString(journal.file())).startsWith("1\t" + events.get(0).data().player()).endsWith("\n");
    }

    private static Door door(Function<ScoreEvent, Answer> answer) {
        return new Door() {
            @Override
            public List<Answer> post(List<ScoreEvent> posted) {
                return posted.stream().map(answer).toList();
            }

            @Override
            public void close() {}
        };
    }

    /** Takes events or not, and often does not say so; the same event again is known. */
    private static final class Shaky implements Door {
        private final Random random = new Random(5);
        private final List<ScoreEvent> taken = new ArrayList<>();
        private final Map<Long, String> ids = new HashMap<>();

        @Override
        public synchronized List<Answer> post(List<ScoreEvent> posted) {
            List<Answer> answers = new ArrayList<>();
            int until = random.nextInt(posted.size() + 1);
            for (ScoreEvent event : posted) {
                if (answers.size() >= until) {
                    answers.add(new Answer.NotNow("503"));
                    continue;
                }
                boolean replayed = ids.containsKey(event.sequence());
                String id = ids.computeIfAbsent(event.sequence(), sequence -> "id" + sequence);
                if (!replayed) {
                    taken.add(event);
                }
                answers.add(random.nextInt(3) == 0 ? new Answer.Unknown("lost") : new Answer.Accepted(id, replayed));
            }
            return answers;
        }

        @Override
        public void close() {}
    }
}
