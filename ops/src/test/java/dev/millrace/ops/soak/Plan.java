package dev.millrace.ops.soak;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which trials are run: round after round, each round with further seeds.
 *
 * @param faults in the order of a round
 * @param seed of the first round; each further one counts on from it
 * @param runs of each fault at most, or empty for as many as each usually has
 * @param minutes after which no run begins, if there is such a bound; then rounds go on until it, unless there is a number of runs
 */
record Plan(List<Fault> faults, long seed, Optional<Integer> runs, Optional<Integer> minutes) {

    /** As the system properties say. */
    static Plan asked() {
        Optional<Long> seed = Optional.ofNullable(Long.getLong("millrace.seed"));
        Optional<Integer> minutes = Optional.ofNullable(Integer.getInteger("millrace.minutes"));
        Optional<Integer> runs = Optional.ofNullable(Integer.getInteger("millrace.runs"));
        List<Fault> faults = faults(System.getProperty("millrace.fault", ""));
        // A seed and a fault are a run that someone wants to see again.
        boolean again = seed.isPresent() && !System.getProperty("millrace.fault", "").isEmpty() && minutes.isEmpty();
        return new Plan(faults, seed.orElseGet(() -> System.nanoTime() & Integer.MAX_VALUE), runs.or(() -> again ? Optional.of(1) : runs),
                minutes);
    }

    private static List<Fault> faults(String numbers) {
        if (numbers.isEmpty()) {
            return List.of(Fault.values());
        }
        return Arrays.stream(numbers.split(",", -1)).map(Integer::parseInt).flatMap(number -> {
            List<Fault> found = Fault.of(number);
            if (found.isEmpty()) {
                throw new IllegalArgumentException("there is no fault " + number + "; see ops/docs/RELIABILITY.md");
            }
            return found.stream();
        }).toList();
    }

    /** One after the other, each made when it is asked for, until all are run or the time is over. */
    Stream<Trial> trials(Duration length) {
        long end = System.nanoTime() + Duration.ofMinutes(minutes.orElse(0)).toNanos();
        int rounds = faults.stream().mapToInt(this::runsOf).max().orElse(0);
        return IntStream.range(0, rounds).boxed().flatMap(round -> faults.stream().filter(fault -> round < runsOf(fault))
                .map(fault -> new Trial(fault, seed + round, length)))
                .takeWhile(_ -> minutes.isEmpty() || System.nanoTime() - end < 0);
    }

    private int runsOf(Fault fault) {
        return runs.orElseGet(() -> minutes.isPresent() ? Integer.MAX_VALUE : fault.usualRuns());
    }
}
