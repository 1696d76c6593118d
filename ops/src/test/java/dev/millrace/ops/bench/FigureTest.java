package dev.millrace.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ops.bench.Goal.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class FigureTest {
    @Test
    void theMedianKeepsTheCeilingOfItsOwnRun() {
        List<Figure> runs = List.of(Figure.rate("x", 30).under(33), Figure.rate("x", 10).under(11), Figure.rate("x", 20).under(22));

        assertThat(Figure.median(runs)).isEqualTo(Figure.rate("x", 20).under(22));
        assertThat(Figure.median(runs.subList(0, 2))).isEqualTo(Figure.rate("x", 10).under(11));
    }

    @Test
    void aRateMeetsItsGoalAtItsFigureOrAtSeventyPercentOfALowerCeiling() {
        assertThat(Goal.DRAIN.judge(Figure.rate("x", 50_000).under(200_000))).isEqualTo(Verdict.MET);
        assertThat(Goal.DRAIN.judge(Figure.rate("x", 35_000).under(50_000))).isEqualTo(Verdict.MET_AT_CEILING);
        assertThat(Goal.DRAIN.judge(Figure.rate("x", 34_000).under(50_000))).isEqualTo(Verdict.MISSED);
        assertThat(Goal.DRAIN.judge(Figure.rate("x", 49_999))).isEqualTo(Verdict.MISSED);
    }

    @Test
    void aLatencyMeetsItsGoalBelowItsFigure() {
        assertThat(Goal.BOARD_TAIL.judge(Figure.millis("x", 15))).isEqualTo(Verdict.MET);
        assertThat(Goal.BOARD_TAIL.judge(Figure.millis("x", 15.1))).isEqualTo(Verdict.MISSED);
    }

    @Test
    void theTableShowsFigureCeilingRatioAndGoal() {
        Report report = new Report(Map.of("machine", "a mill"),
                List.of(Figure.rate("drain", 60_000).under(120_000).towards(Goal.DRAIN), Figure.micros("time", 9.54)));

        assertThat(report.table()).isEqualTo("""
                - machine: a mill

                | measured | figure   | ceiling   | ratio | goal                                                                                                       | met |
                | -------- | -------- | --------- | ----- | ---------------------------------------------------------------------------------------------------------- | --- |
                | drain    | 60,000/s | 120,000/s | 0.50  | ordered, fenced, once-only score processing, drained from full streams: ≥ 50,000 events/s on one processor | yes |
                | time     | 9.5 µs   |           |       |                                                                                                            |     |
                """);
    }
}
