package dev.millrace.ops.bench;

/** What the project promises of a figure, in its own words. */
enum Goal {
    SINGLE("one event per request, through auth, limits, validation, dedupe: ≥ 15,000/s", 15_000, true),
    SINGLE_LATENCY("p99 ≤ 20 ms at half that", 20, false),
    BULK("bulk (NDJSON, 500 a request): ≥ 100,000 events/s", 100_000, true),
    DRAIN("ordered, fenced, once-only score processing, drained from full streams: ≥ 50,000 events/s on one processor", 50_000, true),
    ORDER("ordering costs ≤ 15 % against the same engine unordered", 0.85, true),
    LANES("10,000 events of 0–5 ms outside work over 1,000 lanes: ≥ 100 times the serial time", 100, true),
    ISOLATION("p99 of the other lanes stays within 1.2 times its usual value while 1 % of lanes fail", 1.2, false),
    EVERYTHING("everything at once: bulk in → board → Postgres with history: ≥ 20,000 events/s sustained", 20_000, true),
    BOARD_MEDIAN("accepted → visible on the board at 2,000/s: p50 ≤ 3 ms", 3, false),
    BOARD_TAIL("accepted → visible on the board at 2,000/s: p99 ≤ 15 ms", 15, false);

    /** A rate is good enough at this part of what the servers under it can do, where that is lower than the goal. */
    private static final double OF_CEILING = 0.7;

    private final String words;
    private final double value;
    private final boolean more;

    Goal(String words, double value, boolean more) {
        this.words = words;
        this.value = value;
        this.more = more;
    }

    String words() {
        return words;
    }

    /** Whether a figure meets it. */
    Verdict judge(Figure figure) {
        if (more ? figure.value() >= value : figure.value() <= value) {
            return Verdict.MET;
        }
        boolean enough = more && figure.ceiling().isPresent() && figure.value() >= OF_CEILING * figure.ceiling().getAsDouble();
        return enough ? Verdict.MET_AT_CEILING : Verdict.MISSED;
    }

    /** How a figure stands to its goal. */
    enum Verdict {
        MET("yes"),
        /** Below the goal's figure, and at 70 % or more of the ceiling of the same run. */
        MET_AT_CEILING("yes, at 70 % of the ceiling"),
        MISSED("no");

        private final String words;

        Verdict(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }
}
