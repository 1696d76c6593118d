package dev.millrace.ingest.http;

import dev.millrace.ingest.http.Verdict.Refused;
import dev.millrace.ingest.http.Verdict.Taken;
import dev.millrace.ingest.problem.Problem;
import io.javalin.http.Context;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The answer to many events in one request: {@code {items: [{index, status, id?, …, problem?}], accepted, rejected, errors, problem?}}. */
final class BulkAnswer {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int ACCEPTED = 202;

    private final Context ctx;
    private final HeldOutput output;
    private final JsonGenerator out;
    private long accepted;
    private long rejected;
    private long retryAfterSeconds;

    BulkAnswer(Context ctx) {
        this.ctx = ctx;
        this.output = new HeldOutput(ctx);
        this.out = JSON.createGenerator(ObjectWriteContext.empty(), output);
        out.writeStartObject();
        out.writeArrayPropertyStart("items");
    }

    /** How many items have been answered, which is the index of the next. */
    long items() {
        return accepted + rejected;
    }

    /** How many of them were refused. */
    long rejected() {
        return rejected;
    }

    /** Answers the next item. */
    void add(Verdict verdict) {
        out.writeStartObject();
        out.writeNumberProperty("index", items());
        switch (verdict) {
            case Taken taken -> {
                accepted++;
                write(taken);
            }
            case Refused(Problem problem) -> {
                rejected++;
                retryAfterSeconds = Math.max(retryAfterSeconds, problem.retryAfterSeconds());
                out.writeNumberProperty("status", problem.type().status());
                out.writeName("problem");
                problem.write(out);
            }
        }
        out.writeEndObject();
    }

    private void write(Taken taken) {
        out.writeNumberProperty("status", ACCEPTED);
        out.writeStringProperty("id", taken.id());
        if (taken.runAt() != null) {
            out.writeStringProperty("runAt", taken.runAt().toString());
        }
        if (taken.replayed()) {
            out.writeBooleanProperty("replayed", true);
        }
    }

    /**
     * Ends the answer.
     *
     * @param rest why the rest of the request was not read; null if it was read to its end
     */
    void end(@Nullable Problem rest) throws IOException {
        out.writeEndArray();
        out.writeNumberProperty("accepted", accepted);
        out.writeNumberProperty("rejected", rejected);
        out.writeBooleanProperty("errors", rejected > 0 || rest != null);
        if (rest != null) {
            out.writeName("problem");
            rest.write(out);
        }
        out.writeEndObject();
        out.close();
        if (retryAfterSeconds > 0 && !output.sending()) {
            ctx.header("Retry-After", Long.toString(retryAfterSeconds));
        }
        output.end();
    }
}
