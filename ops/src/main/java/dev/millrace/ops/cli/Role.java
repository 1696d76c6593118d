package dev.millrace.ops.cli;

/** What one process can be, beside the whole system. */
public enum Role {
    INGEST_API("ingest-api", "Takes events and questions over HTTP."),
    PROCESSOR("processor", "Works events in order, lane by lane, and keeps the boards."),
    PERSISTER("persister", "Writes what became of events into Postgres; brings its tables up to date first.");

    private final String word;
    private final String description;

    Role(String word, String description) {
        this.word = word;
        this.description = description;
    }

    /** The command that starts it. */
    public String word() {
        return word;
    }

    String description() {
        return description;
    }
}
