package dev.millrace.ingest.admission;

import dev.millrace.ingest.json.Fields;
import dev.millrace.ingest.json.Pointers;
import dev.millrace.ingest.problem.InputError;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.ScoreOp;
import dev.millrace.schema.settings.AdmissionSettings;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes events of what producers post, and refuses all that is none, before anything is asked of Redis. */
public final class EventReader {
    private static final String DATA = "data";
    private static final Set<String> EVENT_FIELDS = Set.of("type", DATA, "id", "lane", "priority", DueFields.RUN_AT, DueFields.DELAY);
    private static final String TYPE = "type";
    private static final String LANE = "lane";
    private static final String PRIORITY = "priority";
    private static final String VALUE = "value";
    private static final String JOBS = "job.";

    private final EventSchemas schemas;
    private final DueFields dues;
    private final int dataMaxBytes;

    /**
     * @param types event types and the schemas of their data
     * @param settings for the largest event and how far ahead one may be due
     * @throws IllegalStateException if a schema is none; the message says which
     */
    public EventReader(Map<String, String> types, AdmissionSettings settings, InstantSource clock) {
        this.schemas = new EventSchemas(types);
        this.dues = new DueFields(settings.runAtMax(), clock);
        this.dataMaxBytes = settings.eventMaxBytes();
    }

    /**
     * Reads {@code {type, data, id?, lane?, priority?, runAt? | delay?}}.
     *
     * @throws ProblemException if that is no event, not one that the sender may post, or its id is not the sender's key
     */
    public Posted event(Sender sender, ObjectNode body) {
        Fields fields = new Fields(body);
        fields.only(EVENT_FIELDS);
        String type = fields.required(TYPE, text -> !text.isEmpty(), "must name an event type");
        if (!type.isEmpty() && !schemas.types().contains(type)) {
            throw new ProblemException(ProblemType.UNKNOWN_EVENT_TYPE,
                    InputError.at("#/type", "must be one of " + String.join(", ", schemas.types())));
        }
        String id = fields.optional("id", IdempotencyKey::valid, IdempotencyKey.FORM);
        if (id != null && sender.key() != null && !id.equals(sender.key())) {
            fields.wrong("id", "differs from the header Idempotency-Key; send one of them, or both alike");
        }
        boolean isScore = ScoreOp.ofType(type).isPresent();
        if (!isScore && sender.player() != null) {
            throw notTheirs("#/type", "must be a score: users post nothing else");
        }
        @Nullable Lane lane = isScore ? null : lane(sender.client(), fields);
        if (isScore) {
            refuseLane(fields);
        }
        @Nullable Due due = dues.read(fields);
        JsonNode data = fields.node(DATA);
        if (data == null) {
            fields.wrong(DATA, "is required");
        } else if (schemas.types().contains(type)) {
            check(type, data, path -> "#/data" + path).forEach(fields::add);
        }
        fields.check();
        String producerId = id == null ? sender.key() : id;
        Event event = lane == null ? scoreEvent(sender, type, Objects.requireNonNull(data), producerId, "#/data/player")
                : new Event(lane, type, stored(Objects.requireNonNull(data)), producerId);
        return new Posted(event.traced(sender.trace()), due, sender.standing());
    }

    /**
     * Reads {@code {data, id?, lane?, priority?, runAt? | delay?}}, the short form of an event {@code job.<queue>}.
     *
     * @throws ProblemException if there is no such queue, or that is no job
     */
    public Posted job(Sender sender, String queue, ObjectNode body) {
        if (!schemas.types().contains(jobType(queue))) {
            Set<String> queues = schemas.types().stream().filter(type -> type.startsWith(JOBS)).map(type -> type.substring(JOBS.length()))
                    .collect(Collectors.toCollection(TreeSet::new));
            throw new ProblemException(ProblemType.NOT_FOUND, queues.isEmpty() ? "There are no queues."
                    : "There is no such queue; there are " + String.join(", ", queues) + '.');
        }
        if (body.has(TYPE)) {
            throw new ProblemException(ProblemType.INVALID_FIELD, InputError.at("#/type", "is not a known field"));
        }
        return event(sender, body.deepCopy().put(TYPE, jobType(queue)));
    }

    /** The type of a queue's events. */
    public static String jobType(String queue) {
        return JOBS + queue;
    }

    /**
     * Reads {@code {data?}}: what a dead event is to have instead of its own data.
     *
     * @param event null if it does not read
     * @return null where it keeps its own
     * @throws ProblemException if the event could not be posted with that data, or would be of another lane
     */
    public @Nullable String edit(@Nullable Event event, ObjectNode body) {
        Fields fields = new Fields(body);
        fields.only(Set.of(DATA));
        JsonNode data = fields.node(DATA);
        fields.check();
        if (data == null) {
            return null;
        }
        if (event == null) {
            throw new ProblemException(ProblemType.INVALID_FIELD, InputError.at("#/data", "can't be edited: the event does not read"));
        }
        if (!schemas.types().contains(event.type())) {
            throw new ProblemException(ProblemType.UNKNOWN_EVENT_TYPE,
                    InputError.at("#/data", "can't be checked: there is no event type " + event.type() + " any more"));
        }
        check(event.type(), data, path -> "#/data" + path).forEach(fields::add);
        fields.check();
        if (ScoreOp.ofType(event.type()).isEmpty()) {
            return stored(data);
        }
        Event edited = scoreEvent(event.lane().client(), event.type(), data, null);
        if (!edited.lane().equals(event.lane())) {
            fields.add(InputError.at("#/data/player", "must stay " + event.lane().name() + ", which is the event's lane"));
            fields.check();
        }
        return edited.data();
    }

    private static Lane lane(String client, Fields fields) {
        String name = fields.optionalName(LANE);
        String priority = fields.optional(PRIORITY, word -> Priority.ofWord(word).isPresent(), "must be one of high, normal, low");
        return new Lane(client, name == null ? client : name,
                priority == null ? Priority.NORMAL : Priority.ofWord(priority).orElseThrow());
    }

    private static void refuseLane(Fields fields) {
        for (String fixed : List.of(LANE, PRIORITY)) {
            if (fields.has(fixed)) {
                fields.wrong(fixed, "can't be chosen for score events: their lane is the player");
            }
        }
    }

    /** In one form, whatever the producer's spaces and escapes; its numbers may come out longer than they came in. */
    private String stored(JsonNode data) {
        String text = data.toString();
        if (text.length() > dataMaxBytes || text.getBytes(StandardCharsets.UTF_8).length > dataMaxBytes) {
            throw new ProblemException(ProblemType.TOO_LARGE, "The data may have at most " + dataMaxBytes + " bytes.");
        }
        return text;
    }

    /**
     * Reads {@code {player, board?, region?, name?, add | set | best}}, the short form of a score event.
     *
     * @throws ProblemException if that is no score, or not one that the sender may post
     */
    public Posted score(Sender sender, ObjectNode score) {
        Fields fields = new Fields(score);
        List<ScoreOp> ops = new ArrayList<>();
        for (ScoreOp op : ScoreOp.values()) {
            if (score.has(op.word())) {
                ops.add(op);
            }
        }
        if (score.has(VALUE)) {
            fields.wrong(VALUE, "is not a known field");
        }
        if (ops.isEmpty()) {
            fields.add(InputError.at(Pointers.ROOT, "must have one of add, set and best"));
        } else if (ops.size() > 1) {
            ops.forEach(op -> fields.wrong(op.word(), "must be alone: one of add, set and best"));
        }
        fields.check();
        ScoreOp op = ops.getFirst();
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        score.forEachEntry((name, node) -> data.set(name.equals(op.word()) ? VALUE : name, node));
        check(op.type(), data, path -> path.equals('/' + VALUE) ? "#/" + op.word() : Pointers.ROOT + path).forEach(fields::add);
        fields.check();
        return new Posted(scoreEvent(sender, op.type(), data, sender.key(), "#/player").traced(sender.trace()), null, sender.standing());
    }

    private List<InputError> check(String type, JsonNode data, UnaryOperator<String> place) {
        boolean isScore = ScoreOp.ofType(type).isPresent();
        if (isScore && PlainScore.is(data)) {
            return List.of();
        }
        List<InputError> errors = schemas.check(type, data, place);
        // JSON Schema takes 1.0 and 1e2 for integers.
        if (errors.isEmpty() && isScore && !data.path(VALUE).isIntegralNumber()) {
            return List.of(InputError.at(place.apply('/' + VALUE), "must be written without fraction or exponent"));
        }
        return errors;
    }

    private static Event scoreEvent(Sender sender, String type, JsonNode data, @Nullable String id, String playerPlace) {
        String player = data.path("player").stringValue();
        if (sender.player() != null && !sender.player().equals(player)) {
            throw notTheirs(playerPlace, "must be " + sender.player() + ": users post scores of their own");
        }
        return scoreEvent(sender.client(), type, data, id);
    }

    private static Event scoreEvent(String client, String type, JsonNode data, @Nullable String id) {
        String player = data.path("player").stringValue();
        ScoreData score = new ScoreData(player, data.path(VALUE).longValue(), data.path("board").stringValue(ScoreData.MAIN_BOARD),
                data.path("region").stringValue(ScoreData.GLOBAL), data.path("name").stringValue(null));
        return new Event(new Lane(client, player, Priority.NORMAL), type, score.toJson(), id);
    }

    private static ProblemException notTheirs(String place, String detail) {
        return new ProblemException(ProblemType.FORBIDDEN, InputError.at(place, detail));
    }
}
