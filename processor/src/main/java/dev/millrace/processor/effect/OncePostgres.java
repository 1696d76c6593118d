package dev.millrace.processor.effect;

/** Where {@link HandlerContext#onceInPostgres} is done. */
@FunctionalInterface
public interface OncePostgres {
    /**
     * Runs the work and notes the event in one transaction, unless the event is noted.
     *
     * @return whether it ran
     */
    boolean run(String eventId, SqlWork work) throws Exception;

    /** For processors without a database. */
    static OncePostgres none() {
        return (eventId, work) -> {
            throw new IllegalStateException("this processor has no Postgres: set DATABASE_URL");
        };
    }
}
