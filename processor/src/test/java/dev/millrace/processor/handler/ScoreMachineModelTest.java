package dev.millrace.processor.handler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.processor.engine.lane.LaneEvent;
import dev.millrace.schema.change.PlayerChange;
import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.change.ScoreApplied;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.ScoreOp;
import dev.millrace.schema.event.StreamId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;

/** Any events in any batches, some of them brought again, come to what a plain model makes of each event once. */
final class ScoreMachineModelTest {
    private static final int EVENTS = 400;
    private static final List<
            Long> VALUES = List.of(0L, 1L, -1L, 7L, -250L, 1_000L, ScoreData.MAX_SCORE, -ScoreData.MAX_SCORE, ScoreData.MAX_SCORE - 1);

    /** What became of an event, by the model. */
    private record Told(StreamId id, PlayerKey key, long score) {}

    private record Sent(LaneEvent entry, ScoreOp op, ScoreData data) {}

    private final Map<PlayerKey, PlayerState> machine = new HashMap<>();
    private final Map<PlayerKey, Model> model = new HashMap<>();
    private final List<Told> applied = new ArrayList<>();
    private final List<StreamId> dead = new ArrayList<>();
    private final List<Told> expectedApplied = new ArrayList<>();
    private final List<StreamId> expectedDead = new ArrayList<>();

    @RepeatedTest(20)
    void batchesComeToWhatTheModelSays() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<LaneEvent> hadTheirEffect = new ArrayList<>();
        long epoch = 1_000;
        int seq = 1;
        while (seq <= EVENTS) {
            epoch += random.nextInt(4) * random.nextLong(50);
            List<LaneEvent> batch = new ArrayList<>();
            for (int again = random.nextInt(5); again > 0 && !hadTheirEffect.isEmpty(); again--) {
                batch.add(hadTheirEffect.get(random.nextInt(hadTheirEffect.size())));
            }
            for (int fresh = 1 + random.nextInt(60); fresh > 0 && seq <= EVENTS; fresh--) {
                Sent sent = some(random, seq++);
                batch.add(sent.entry());
                if (tell(sent, epoch)) {
                    hadTheirEffect.add(sent.entry());
                }
            }
            work(epoch, batch, seed);
        }
        assertThat(applied).as("seed %d", seed).isEqualTo(expectedApplied);
        assertThat(dead).as("seed %d", seed).isEqualTo(expectedDead);
        Map<PlayerKey, PlayerState> expected = new HashMap<>();
        model.forEach((key, player) -> expected.put(key, player.state()));
        assertThat(machine).as("seed %d", seed).isEqualTo(expected);
    }

    private void work(long epoch, List<LaneEvent> batch, long seed) {
        ScoreMachine.Step step = ScoreMachine.step(epoch, ScoreMachine.decode(batch), machine);
        for (PlayerChange change : step.players()) {
            PlayerState was = machine.get(change.key());
            assertThat(change.previousRegion()).as("seed %d", seed).isEqualTo(was == null ? null : was.region());
            assertThat(change.state()).as("seed %d", seed).isEqualTo(step.states().get(change.key()));
        }
        assertThat(step.players()).as("seed %d", seed).hasSameSizeAs(step.states().keySet());
        machine.putAll(step.states());
        for (ScoreApplied score : step.applied()) {
            applied.add(new Told(score.id(), score.key(), score.score()));
        }
        dead.addAll(step.refused().stream().map(refused -> refused.event().id()).toList());
    }

    private static Sent some(Random random, int seq) {
        List<ScoreOp> ops = List.of(ScoreOp.values());
        ScoreOp op = ops.get(random.nextInt(ops.size()));
        String region = random.nextInt(3) == 0 ? ScoreData.GLOBAL : "R" + random.nextInt(3);
        String name = random.nextInt(3) == 0 ? "Name " + random.nextInt(5) : null;
        ScoreData data = new ScoreData("p" + random.nextInt(12), VALUES.get(random.nextInt(VALUES.size())),
                random.nextInt(4) == 0 ? "duel" : "main",
                region, name);
        return new Sent(ScoreEvents.score(seq, op, data), op, data);
    }

    /** Tells the model of an event, and says whether it had an effect. */
    private boolean tell(Sent sent, long epoch) {
        ScoreData data = sent.data();
        PlayerKey key = new PlayerKey("acme", data.board(), data.player());
        Model player = model.getOrDefault(key, new Model());
        long score = data.value();
        if (!player.fresh && sent.op() == ScoreOp.ADD) {
            score += player.score;
        }
        if (!player.fresh && sent.op() == ScoreOp.BEST && player.score > score) {
            score = player.score;
        }
        if (score > ScoreData.MAX_SCORE || score < -ScoreData.MAX_SCORE) {
            expectedDead.add(sent.entry().id());
            return false;
        }
        if (player.fresh || score != player.score) {
            player.achieved = sent.entry().id();
        }
        player.version = !player.fresh && player.version >= epoch ? player.version + 1 : epoch;
        player.fresh = false;
        player.score = score;
        player.region = data.region();
        player.name = data.name() == null ? player.name : data.name();
        player.last = sent.entry().id();
        model.put(key, player);
        expectedApplied.add(new Told(player.last, key, score));
        return true;
    }

    private static final class Model {
        private boolean fresh = true;
        private long score;
        private long version;
        private String region = "";
        private String name;
        private StreamId achieved = StreamId.ZERO;
        private StreamId last = StreamId.ZERO;

        PlayerState state() {
            return new PlayerState(score, region, "all", version, last, achieved, name);
        }
    }
}
