package dev.millrace.schema.change;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.schema.change.EventEnded.Outcome;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.Origin;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.ScoreOp;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.testkit.Golden;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ChangeCodecTest {
    private static final long EPOCH = 1_767_225_600_000_123L;
    private static final PlayerKey ANN = new PlayerKey("acme", "main", "ann");
    private static final PlayerKey BOB = new PlayerKey("acme", "ranked:2v2", "bob");
    private static final Change FULL = new Change(EPOCH, Instant.ofEpochMilli(1_767_225_600_500L),
            List.of(new PlayerChange(ANN, new PlayerState(ScoreData.MAX_SCORE, "EU", "all", EPOCH + 1, id(3), id(2), "Ann \"A\" | Ä 🎲"),
                    "US"),
                    new PlayerChange(BOB, new PlayerState(-5, "GLOBAL", "s1", EPOCH, id(1), id(1), null), null)),
            List.of(new ScoreApplied(id(1), BOB, "s1", "GLOBAL", ScoreOp.ADD, -5, -5, EPOCH),
                    new ScoreApplied(id(2), ANN, "all", "EU", ScoreOp.SET, ScoreData.MAX_SCORE, ScoreData.MAX_SCORE, EPOCH),
                    new ScoreApplied(id(3), ANN, "all", "EU", ScoreOp.BEST, 7, ScoreData.MAX_SCORE, EPOCH + 1)),
            List.of(new EventEnded(id(4), Priority.NORMAL, "acme", "score.add", "ann", Outcome.DEAD, 1, "the score would pass 2^53 - 1"),
                    new EventEnded(id(5), Priority.HIGH, "globex", "job.email", "globex", Outcome.COMPLETED, 3, null)));
    private static final Change MOVED = new Change(EPOCH, Instant.ofEpochMilli(1_767_225_600_500L),
            List.of(new PlayerChange(BOB, new PlayerState(-5, "GLOBAL", "s1", EPOCH, id(1), id(1), null), null)),
            List.of(new ScoreApplied(id(1), BOB, "s1", "GLOBAL", ScoreOp.ADD, -5, -5, EPOCH, new Origin(StreamId.parse("9-1"), true)),
                    new ScoreApplied(id(2), BOB, "s1", "GLOBAL", ScoreOp.ADD, 0, -5, EPOCH + 1)),
            List.of(new EventEnded(id(4), Priority.NORMAL, "acme", "job.email", "ann", Outcome.DEAD, 1, "why",
                    new Origin(StreamId.parse("9-2"), false)),
                    new EventEnded(StreamId.parse("9-3"), Priority.LOW, "acme", "job.email", "ann", Outcome.CANCELLED, 0, null,
                            new Origin(StreamId.parse("9-3"), true))));
    private static final Change EMPTY = new Change(1, Instant.EPOCH, List.of(), List.of(), List.of());

    @Test
    void writesFormatOneAndNothingElse() {
        assertThat(ChangeCodec.VERSION).isEqualTo(1);
        assertThat(Golden.lines(ChangeCodec.encode(FULL))).isEqualTo(Golden.lines("change-v1.txt"));
        assertThat(Golden.lines(ChangeCodec.encode(EMPTY))).isEqualTo(Golden.lines("change-v1-empty.txt"));
        assertThat(Golden.lines(ChangeCodec.encode(MOVED))).isEqualTo(Golden.lines("change-v1-moved.txt"));
    }

    @Test
    void readsFormatOne() throws MalformedEntryException {
        assertThat(ChangeCodec.decode(Golden.fields("change-v1.txt"))).isEqualTo(FULL);
        assertThat(ChangeCodec.decode(Golden.fields("change-v1-empty.txt"))).isEqualTo(EMPTY);
        assertThat(ChangeCodec.decode(Golden.fields("change-v1-moved.txt"))).isEqualTo(MOVED);
    }

    @Test
    void everyChangeReadsBack() throws MalformedEntryException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            Change change = some(random);
            assertThat(ChangeCodec.decode(Golden.fields(ChangeCodec.encode(change)))).as("seed %d", seed).isEqualTo(change);
        }
    }

    @Test
    void saysHowManyEventsItTellsOf() {
        assertThat(FULL.events()).isEqualTo(5);
        assertThat(Golden.lines(ChangeCodec.encode(FULL))).contains("n=5");
    }

    @Test
    void refusesToTellOfAPlayerWithoutState() {
        Change change = new Change(1, Instant.EPOCH, List.of(), FULL.applied(), List.of());
        assertThatIllegalArgumentException().isThrownBy(() -> ChangeCodec.encode(change));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "10", "", "one"})
    void refusesOtherFormats(String version) {
        assertThatExceptionOfType(MalformedEntryException.class).isThrownBy(() -> ChangeCodec.decode(entry(version, "[1,0,[],[],[]]")))
                .withMessage("change of an unknown format");
    }

    @ParameterizedTest
    @ValueSource(strings = {"v", "d"})
    void refusesAnEntryThatLacksAField(String field) {
        Map<String, byte[]> fields = Golden.fields("change-v1.txt");
        fields.remove(field);
        assertThatExceptionOfType(MalformedEntryException.class).isThrownBy(() -> ChangeCodec.decode(fields));
    }

    @Test
    void refusesEveryTruncation() {
        refusesEveryTruncationOf("change-v1.txt");
        refusesEveryTruncationOf("change-v1-moved.txt");
    }

    private static void refusesEveryTruncationOf(String file) {
        byte[] whole = Golden.fields(file).get("d");
        String json = new String(whole, UTF_8);
        for (int end = 0; end < json.length(); end++) {
            String cut = json.substring(0, end);
            assertThatExceptionOfType(MalformedEntryException.class).as(cut).isThrownBy(() -> ChangeCodec.decode(entry("1", cut)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "null", "[]", "[1,0,[],[]]", "[1,0,[],[],[],[]]", "[1,0,[],[],[]]]", "[1,0,[],[],[]] 5",
            "[\"1\",0,[],[],[]]",
            "[1.5,0,[],[],[]]", "[1,0,[5],[],[]]", "[1,0,{},[],[]]", "[1,0,[[]],[],[]]",
            // An applied event of a player that is not there.
            "[1,0,[],[[\"0-1\",0,\"all\",\"EU\",\"add\",1,1,1]],[]]", "[1,0,[],[[\"0-1\",-1,\"all\",\"EU\",\"add\",1,1,1]],[]]",
            // A score, a region, an id, an operation that can't be, and an item too many.
            "[1,0,[[\"c\",\"b\",\"p\",9007199254740992,\"EU\",\"all\",1,\"0-1\",\"0-1\",null,null]],[],[]]",
            "[1,0,[[\"c\",\"b\",\"p\",1,\"E/U\",\"all\",1,\"0-1\",\"0-1\",null,null]],[],[]]",
            "[1,0,[[\"c\",\"b\",\"p\",1,\"EU\",\"all\",1,\"0\",\"0-1\",null,null]],[],[]]",
            "[1,0,[[\"c\",\"b\",\"p\",1,\"EU\",\"all\",1,\"0-1\",\"0-1\",5,null]],[],[]]",
            "[1,0,[[\"c\",\"b\",\"p\",1,\"EU\",\"all\",1,\"0-1\",\"0-1\",null,null,1]],[],[]]",
            "[1,0,[[\"c\",\"b\",\"p\",1,\"EU\",\"all\",1,\"0-1\",\"0-1\",null,null]],[[\"0-1\",0,\"all\",\"EU\",\"sub\",1,1,1]],[]]",
            "[1,0,[[\"c\",\"b\",\"p\",1,\"EU\",\"all\",1,\"0-1\",\"0-1\",null,null]],[[\"0-1\",4294967296,\"all\",\"EU\",\"add\",1,1,1]],[]]",
            "[1,0,[],[],[[\"0-1\",\"low\",\"c\",\"t\",\"l\",\"dead\",1,null,null]]]",
            "[1,0,[],[],[[\"0-1\",\"low\",\"c\",\"t\",\"l\",\"dead\",1,null,\"0-1\"]]]",
            "[1,0,[],[],[[\"0-1\",\"low\",\"c\",\"t\",\"l\",\"dead\",1,null,\"s0-1\",1]]]",
            "[1,0,[],[],[[\"0-1\",\"urgent\",\"c\",\"t\",\"l\",\"dead\",1,null]]]",
            "[1,0,[],[],[[\"0-1\",\"low\",\"c\",\"t\",\"l\",\"lost\",1,null]]]",
            "[1,0,[],[],[[\"0-1\",\"low\",\"c\",\"t\",\"l\",\"dead\",4294967296,null]]]"})
    void refusesWhatIsNoChange(String json) {
        assertThatExceptionOfType(MalformedEntryException.class).isThrownBy(() -> ChangeCodec.decode(entry("1", json)))
                .satisfies(e -> assertThat(e.getMessage()).startsWith("change ").doesNotContain("\n"));
    }

    private static Change some(Random random) {
        List<PlayerChange> players = new ArrayList<>();
        List<ScoreApplied> applied = new ArrayList<>();
        List<EventEnded> ended = new ArrayList<>();
        for (int i = random.nextInt(20); i > 0; i--) {
            PlayerKey key = new PlayerKey("c" + random.nextInt(3), "b" + random.nextInt(3), "p" + i);
            String name = random.nextBoolean() ? null : "name | \"" + i + "\"\n🎲";
            players.add(new PlayerChange(key,
                    new PlayerState(score(random), "r" + i, "s" + i, random.nextLong(), someId(random), someId(random), name),
                    random.nextBoolean() ? null : "r" + random.nextInt(9)));
            for (ScoreOp op : ScoreOp.values()) {
                applied.add(new ScoreApplied(someId(random), key, "s", "r", op, score(random), score(random), random.nextLong(),
                        someOrigin(random)));
            }
            for (Outcome outcome : Outcome.values()) {
                ended.add(new EventEnded(someId(random), Priority.LOW, "c", "t", "l", outcome, random.nextInt(100),
                        random.nextBoolean() ? null : "why", someOrigin(random)));
            }
        }
        return new Change(random.nextLong(), Instant.ofEpochMilli(random.nextLong(1L << 48)), players, applied, ended);
    }

    private static long score(Random random) {
        return random.nextLong(-ScoreData.MAX_SCORE, ScoreData.MAX_SCORE + 1);
    }

    private static @Nullable Origin someOrigin(Random random) {
        return random.nextBoolean() ? null : new Origin(someId(random), random.nextBoolean());
    }

    private static StreamId someId(Random random) {
        return new StreamId(random.nextLong(1L << 48), random.nextInt(100_000));
    }

    private static Map<String, byte[]> entry(String version, String json) {
        return Map.of("v", version.getBytes(UTF_8), "n", "0".getBytes(UTF_8), "d", json.getBytes(UTF_8));
    }

    private static StreamId id(int seq) {
        return new StreamId(1_767_225_600_000L, seq);
    }
}
