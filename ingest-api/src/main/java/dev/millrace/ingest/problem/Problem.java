package dev.millrace.ingest.problem;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A refusal, as {@code application/problem+json} (RFC 9457).
 *
 * @param detail what happened this time, for people; never names internals
 * @param errors what is wrong with the input, each with its place
 * @param retryAfter when it may be worth another try, where that is known
 * @param outcome whether an event may have been appended all the same, where the refusal comes after the attempt
 * @param violatedPolicies names of the limits that the request is over
 */
public record Problem(ProblemType type, String detail, List<InputError> errors, @Nullable Duration retryAfter, @Nullable Outcome outcome,
        List<String> violatedPolicies) {
    public static final String MEDIA_TYPE = "application/problem+json";

    private static final JsonFactory JSON = new JsonFactory();

    /** Whether a request that failed has changed anything. */
    public enum Outcome {
        /** Nothing was appended. */
        NOT_APPENDED("not_appended"),
        /** It may or may not have been; the same request with the same key finds out. */
        UNKNOWN("unknown");

        private final String word;

        Outcome(String word) {
            this.word = word;
        }

        /** The word in JSON. */
        public String word() {
            return word;
        }
    }

    public Problem {
        errors = List.copyOf(errors);
        violatedPolicies = List.copyOf(violatedPolicies);
    }

    public static Problem of(ProblemType type, String detail) {
        return new Problem(type, detail, List.of(), null, null, List.of());
    }

    /** A problem with the input; the detail names the first place. */
    public static Problem of(ProblemType type, List<InputError> errors) {
        InputError first = errors.getFirst();
        String more = errors.size() == 1 ? "" : ", and " + (errors.size() - 1) + " more";
        return new Problem(type, first.name() + ' ' + first.detail() + more, errors, null, null, List.of());
    }

    public Problem retryAfter(Duration time) {
        return new Problem(type, detail, errors, time, outcome, violatedPolicies);
    }

    public Problem outcome(Outcome what) {
        return new Problem(type, detail, errors, retryAfter, what, violatedPolicies);
    }

    public Problem violatedPolicies(List<String> names) {
        return new Problem(type, detail, errors, retryAfter, outcome, names);
    }

    /** {@code Retry-After} in whole seconds, at least 1; 0 where there is nothing to say. */
    public long retryAfterSeconds() {
        return retryAfter == null ? 0 : Math.max(1, retryAfter.plusMillis(999).toSeconds());
    }

    public byte[] toJson() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            write(out);
        }
        return bytes.toByteArray();
    }

    /** Writes it as an object, also as a part of something else. */
    public void write(JsonGenerator out) {
        out.writeStartObject();
        out.writeStringProperty("type", type.uri().toString());
        out.writeStringProperty("title", type.title());
        out.writeNumberProperty("status", type.status());
        out.writeStringProperty("detail", detail);
        if (outcome != null) {
            out.writeStringProperty("outcome", outcome.word());
        }
        if (!violatedPolicies.isEmpty()) {
            out.writeArrayPropertyStart("violated-policies");
            violatedPolicies.forEach(out::writeString);
            out.writeEndArray();
        }
        if (!errors.isEmpty()) {
            writeErrors(out);
        }
        out.writeEndObject();
    }

    private void writeErrors(JsonGenerator out) {
        out.writeArrayPropertyStart("errors");
        for (InputError error : errors) {
            out.writeStartObject();
            out.writeStringProperty(error.where().word(), error.name());
            out.writeStringProperty("detail", error.detail());
            out.writeEndObject();
        }
        out.writeEndArray();
    }
}
