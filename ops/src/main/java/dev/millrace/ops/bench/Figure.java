package dev.millrace.ops.bench;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One number of one run.
 *
 * @param name what was measured, the same in every run
 * @param ceiling what the servers under it did at best in the same run, in the same unit
 */
record Figure(String name, double value, Unit unit, OptionalDouble ceiling, Optional<Goal> goal) {

    static Figure rate(String name, double perSecond) {
        return new Figure(name, perSecond, Unit.PER_SECOND, OptionalDouble.empty(), Optional.empty());
    }

    static Figure millis(String name, double millis) {
        return new Figure(name, millis, Unit.MILLIS, OptionalDouble.empty(), Optional.empty());
    }

    static Figure micros(String name, double micros) {
        return new Figure(name, micros, Unit.MICROS, OptionalDouble.empty(), Optional.empty());
    }

    static Figure times(String name, double times) {
        return new Figure(name, times, Unit.TIMES, OptionalDouble.empty(), Optional.empty());
    }

    Figure under(double ceilingOfTheRun) {
        return new Figure(name, value, unit, OptionalDouble.of(ceilingOfTheRun), goal);
    }

    Figure towards(Goal promised) {
        return new Figure(name, value, unit, ceiling, Optional.of(promised));
    }

    /** The part of the ceiling that was reached. */
    OptionalDouble ratio() {
        return ceiling.isPresent() ? OptionalDouble.of(value / ceiling.getAsDouble()) : OptionalDouble.empty();
    }

    /** The figure in the middle, with the ceiling of its own run; the lower one of the two where there is no middle. */
    static Figure median(List<Figure> runs) {
        return runs.stream().sorted(Comparator.comparingDouble(Figure::value)).toList().get((runs.size() - 1) / 2);
    }

    /** What a number counts. */
    enum Unit {
        PER_SECOND("/s"),
        MILLIS("ms"),
        MICROS("µs"),
        TIMES("times");

        private final String symbol;

        Unit(String symbol) {
            this.symbol = symbol;
        }

        String symbol() {
            return symbol;
        }
    }
}
