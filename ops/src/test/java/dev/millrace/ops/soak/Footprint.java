package dev.millrace.ops.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** Samples of things that must not grow, such as the memory of a process, over one stretch of time. */
final class Footprint {
    private final Map<String, LongSupplier> gauges = new TreeMap<>();
    private final Map<String, List<Long>> samples = new TreeMap<>();

    /** Watches something from now on. */
    Footprint with(String name, LongSupplier gauge) {
        gauges.put(name, gauge);
        return this;
    }

    /** Takes one sample of each. */
    void sample() {
        gauges.forEach((name, gauge) -> samples.computeIfAbsent(name, _ -> new ArrayList<>()).add(gauge.getAsLong()));
    }

    /** The highest of all samples. */
    long highest(String name) {
        return highest(name, 0, 3);
    }

    /** The highest sample of these thirds of the time. */
    long highest(String name, int fromThird, int toThird) {
        List<Long> all = samples.getOrDefault(name, List.of());
        return all.subList(all.size() * fromThird / 3, all.size() * toThird / 3).stream().mapToLong(Long::longValue).max().orElseThrow();
    }
}
