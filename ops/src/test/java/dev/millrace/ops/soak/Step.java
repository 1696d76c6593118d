package dev.millrace.ops.soak;

import dev.millrace.schema.redis.Script;

/** A step of the engine's work, known by the words that go to Redis or Postgres. */
enum Step {
    APPEND("dev.millrace.ingest.admission.Admission", "admit"),
    READ("dev.millrace.processor.engine.Engine", "read"),
    /** Effects, acknowledgement and the change for the books, in one script. */
    COMMIT("dev.millrace.processor.handler.ScoreHandler", "apply"),
    BOARD("dev.millrace.processor.handler.ScoreHandler", "board"),
    /** What a persister says to Redis after a commit of Postgres. */
    ACKNOWLEDGE("dev.millrace.persister.Persister", "persisted"),
    BOOKS_COMMIT("COMMIT");

    private final String words;
    private final boolean inPostgres;

    Step(String home, String script) {
        try {
            this.words = Script.load(Class.forName(home), script).sha1();
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
        this.inPostgres = false;
    }

    Step(String sql) {
        this.words = sql;
        this.inPostgres = true;
    }

    /** What passes at this step and no other. */
    String words() {
        return words;
    }

    boolean inPostgres() {
        return inPostgres;
    }
}
