package dev.millrace.ingest.admission;

import dev.millrace.schema.event.Priority;

/** Who waits first as room runs out: events of low standing, then those of normal standing, then all. */
final class Shedding {
    private static final double LOW = 0.70;
    private static final double NORMAL = 0.85;

    private Shedding() {}

    /**
     * How an event stands to others: like its client, whose tier decides, and low where the producer says itself that it can wait. An urgent
     * event is no reason to stand above one's tier.
     */
    static Priority standing(Posted posted) {
        return posted.event().lane().priority() == Priority.LOW ? Priority.LOW : posted.standing();
    }

    /** How much of a bound there is for events of this standing. */
    static int room(int max, Priority standing) {
        return (int) Math.ceil(max * share(standing));
    }

    /**
     * Whether events of this standing have to wait.
     *
     * @param fill how full something is, 1 is full; not a number where that is not known
     */
    static boolean sheds(double fill, Priority standing) {
        return fill >= share(standing);
    }

    private static double share(Priority standing) {
        return switch (standing) {
            case LOW -> LOW;
            case NORMAL -> NORMAL;
            case HIGH -> 1;
        };
    }
}
