package dev.millrace.ingest.problem;

import java.util.List;

/** Ends a request with a problem. It has no stack trace: it is an answer, not a fault, and refusals must be cheap. */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    public ProblemException(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    public ProblemException(ProblemType type, String detail) {
        this(Problem.of(type, detail));
    }

    public ProblemException(ProblemType type, InputError error) {
        this(Problem.of(type, List.of(error)));
    }

    public Problem problem() {
        return problem;
    }
}
