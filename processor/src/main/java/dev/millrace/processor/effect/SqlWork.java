package dev.millrace.processor.effect;

/** Statements that are one transaction. */
@FunctionalInterface
public interface SqlWork {
    void run(Sql sql) throws Exception;
}
