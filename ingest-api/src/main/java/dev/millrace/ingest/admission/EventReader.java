package dev.millrace.ingest.admission;

import dev.millrace.ingest.json.Fields;
import dev.millrace.ingest.json.Pointers;
import dev.millrace.ingest.json.StrictJson;
import dev.millrace.ingest.problem.InputError;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventTypes;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.ScoreOp;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes events of the bodies that producers post, and refuses all that is not one, before anything is asked of Redis. */
public final class EventReader {
    private static final Set<String> EVENT_FIELDS = Set.of("type", "data", "id", "lane", "priority");
    private static final String VALUE = "value";

    private final StrictJson json;
    private final EventSchemas schemas;

    /**
     * @param json already bounded by the largest event
     */
    public EventReader(StrictJson json) {
        this.json = json;
        this.schemas = new EventSchemas(EventTypes.builtIn());
    }

    /**
     * Reads {@code {type, data, id?, lane?, priority?}}.
     *
     * @param key the request's idempotency key, where it has one
     * @throws ProblemException if the body is no event, or its id is not the key
     */
    public Event event(String client, byte[] body, @Nullable String key) {
        Fields fields = new Fields(json.readObject(body));
        fields.only(EVENT_FIELDS);
        String type = fields.required("type", text -> !text.isEmpty(), "must name an event type");
        if (!type.isEmpty() && !schemas.types().contains(type)) {
            throw new ProblemException(ProblemType.UNKNOWN_EVENT_TYPE,
                    InputError.at("#/type", "must be one of " + String.join(", ", schemas.types())));
        }
        String id = fields.optional("id", IdempotencyKey::valid, IdempotencyKey.FORM);
        if (id != null && key != null && !id.equals(key)) {
            fields.wrong("id", "differs from the header Idempotency-Key; send one of them, or both alike");
        }
        for (String fixed : List.of("lane", "priority")) {
            if (fields.has(fixed)) {
                fields.wrong(fixed, "can't be chosen for score events: their lane is the player");
            }
        }
        JsonNode data = fields.node("data");
        if (data == null) {
            fields.wrong("data", "is required");
        } else if (schemas.types().contains(type)) {
            check(type, data, path -> "#/data" + path).forEach(fields::add);
        }
        fields.check();
        return scoreEvent(client, type, Objects.requireNonNull(data), id == null ? key : id);
    }

    /**
     * Reads {@code {player, board?, region?, name?, add | set | best}}, the short form of a score event.
     *
     * @param key the request's idempotency key, where it has one
     * @throws ProblemException if the body is no score
     */
    public Event score(String client, byte[] body, @Nullable String key) {
        ObjectNode score = json.readObject(body);
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
        return scoreEvent(client, op.type(), data, key);
    }

    private List<InputError> check(String type, JsonNode data, UnaryOperator<String> place) {
        List<InputError> errors = schemas.check(type, data, place);
        // JSON Schema takes 1.0 and 1e2 for integers.
        if (errors.isEmpty() && !data.path(VALUE).isIntegralNumber()) {
            return List.of(InputError.at(place.apply('/' + VALUE), "must be written without fraction or exponent"));
        }
        return errors;
    }

    private static Event scoreEvent(String client, String type, JsonNode data, @Nullable String id) {
        String player = data.path("player").stringValue();
        ScoreData score = new ScoreData(player, data.path(VALUE).longValue(), data.path("board").stringValue(ScoreData.MAIN_BOARD),
                data.path("region").stringValue(ScoreData.GLOBAL), data.path("name").stringValue(null));
        return new Event(new Lane(client, player, Priority.NORMAL), type, score.toJson(), id);
    }
}
