package dev.millrace.ingest.http;

import dev.millrace.ingest.admission.Admission;
import dev.millrace.ingest.admission.AdmitResult;
import dev.millrace.ingest.admission.BulkAdmission;
import dev.millrace.ingest.admission.Posted;
import dev.millrace.ingest.admission.Sender;
import dev.millrace.ingest.http.Verdict.Refused;
import dev.millrace.ingest.json.JsonLines;
import dev.millrace.ingest.json.StrictJson;
import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.schema.metric.Metric;
import io.javalin.http.Context;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.CharBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Takes many events of one request, each by itself: read, validated and appended a chunk at a time, and answered in their order. One that is
 * wrong is refused alone.
 */
final class BulkPosting {
    /** A chunk is one call for each partition that it has events of: larger ones are fewer calls, and more to hold. */
    private static final int CHUNK_EVENTS = 2_048;
    private static final int CHUNK_CHARS = 1 << 20;
    /** How many lines may be refused: whoever sends more should look at the answer first, and reading on costs more than sending. */
    static final int REFUSED_MAX = 10_000;

    private final StrictJson json;
    private final Admission admission;
    private final int lineMaxBytes;
    private final Visits visits;
    private final MeterRegistry metrics;

    /**
     * @param lineMaxBytes of a line of NDJSON
     * @param visits which notes items that are refused for there being too many
     */
    BulkPosting(StrictJson json, Admission admission, int lineMaxBytes, Visits visits, MeterRegistry metrics) {
        this.json = json;
        this.admission = admission;
        this.lineMaxBytes = lineMaxBytes;
        this.visits = visits;
        this.metrics = metrics;
    }

    /** Makes an event of an item. */
    @FunctionalInterface
    interface ItemReading {
        Posted read(Sender sender, ObjectNode item);
    }

    /** Answers the items of an array. */
    void items(Context ctx, Sender sender, List<CharBuffer> items, ItemReading reading) throws IOException {
        Run run = new Run(ctx, sender, reading);
        for (CharBuffer item : items) {
            run.add(() -> json.readObject(item));
        }
        run.end(null);
    }

    /**
     * Answers the lines of a stream, up to its end or until too many were refused. Where it ends with a problem before anything was appended, that is
     * the answer; else the answer says so at its end.
     *
     * @throws IOException if the answer can't be written
     */
    void lines(Context ctx, Sender sender, InputStream body, ItemReading reading) throws IOException {
        Run run = new Run(ctx, sender, reading);
        JsonLines lines = new JsonLines(body, lineMaxBytes);
        @Nullable Problem rest = null;
        try {
            for (JsonLines.Line line = lines.next(); line != null; line = lines.next()) {
                switch (line) {
                    case JsonLines.Line.Text text -> run.add(() -> json.readObject(text.bytes()));
                    case JsonLines.Line.TooLong() -> run.refuse(
                            Problem.of(ProblemType.TOO_LARGE, "A line may have at most " + lineMaxBytes + " bytes."));
                }
                if (run.refused() >= REFUSED_MAX) {
                    rest = Problem.of(ProblemType.TOO_LARGE,
                            "What follows the last item was not read, because " + REFUSED_MAX + " lines or more were refused.");
                    break;
                }
            }
        } catch (ProblemException e) {
            if (!run.begun()) {
                throw e;
            }
            rest = e.problem();
        }
        run.end(rest);
    }

    /** One request under way. */
    private final class Run {
        private final Context ctx;
        private final Sender sender;
        private final ItemReading reading;
        private final BulkAdmission bulk = admission.bulk();
        private final BulkAnswer answer;
        /** Of the chunk: an event, or why there is none. */
        private final List<Item> chunk = new ArrayList<>();
        private int chunkChars;
        private final Map<ProblemType, Integer> refused = new EnumMap<>(ProblemType.class);

        Run(Context ctx, Sender sender, ItemReading reading) {
            this.ctx = ctx;
            this.sender = sender;
            this.reading = reading;
            this.answer = new BulkAnswer(ctx);
        }

        /** Whether anything may have been appended. */
        boolean begun() {
            return answer.items() > 0;
        }

        /** How many items were refused, as far as they are settled. */
        long refused() {
            return answer.rejected();
        }

        void add(Supplier<ObjectNode> item) {
            Posted posted;
            try {
                posted = reading.read(numbered(), item.get());
            } catch (ProblemException e) {
                refuse(e.problem());
                return;
            }
            chunk.add(new Item(posted, null));
            chunkChars += posted.event().data().length();
            settleIfFull();
        }

        void refuse(Problem problem) {
            chunk.add(new Item(null, problem));
            settleIfFull();
        }

        private Sender numbered() {
            @Nullable String key = sender.key();
            return key == null ? sender : sender.under(key + '#' + (answer.items() + chunk.size()));
        }

        private void settleIfFull() {
            if (chunk.size() >= CHUNK_EVENTS || chunkChars >= CHUNK_CHARS) {
                settle();
            }
        }

        private void settle() {
            List<Posted> events = new ArrayList<>(chunk.size());
            for (Item item : chunk) {
                if (item.posted() != null) {
                    events.add(item.posted());
                }
            }
            List<AdmitResult> results = bulk.admit(events);
            int next = 0;
            for (Item item : chunk) {
                Verdict verdict = item.problem() == null ? Verdict.of(results.get(next++)) : new Refused(item.problem());
                if (verdict instanceof Refused(Problem problem)) {
                    Metric.REFUSED.counter(metrics, problem.type().slug()).increment();
                    refused.merge(problem.type(), 1, Integer::sum);
                }
                answer.add(verdict);
            }
            chunk.clear();
            chunkChars = 0;
        }

        void end(@Nullable Problem rest) throws IOException {
            settle();
            refused.forEach((type, count) -> visits.refusedItems(ctx, type, count));
            answer.end(rest);
        }
    }

    /** One of the two is there. */
    private record Item(@Nullable Posted posted, @Nullable Problem problem) {}
}
