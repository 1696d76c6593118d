package dev.millrace.ingest.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.schema.event.EventTypes;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What events there may be. */
final class EventTypeRoutes {
    private final Map<String, EventType> types = new LinkedHashMap<>();

    /**
     * @param schemas of all types, by name
     */
    EventTypeRoutes(Map<String, String> schemas) {
        schemas.forEach((type, schema) -> types.put(type, new EventType(type, EventTypes.version(type), Answers.MAPPER.readTree(schema))));
    }

    Map<Operation, Handler> handlers() {
        return Map.of(Operation.LIST_EVENT_TYPES, ctx -> Answers.json(ctx, 200, new Page(List.copyOf(types.values()), null)),
                Operation.GET_EVENT_TYPE, this::get);
    }

    private record EventType(String type, int version, JsonNode schema) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Page(List<EventType> items, @Nullable String next) {}

    private void get(Context ctx) {
        EventType type = types.get(ctx.pathParam("type"));
        if (type == null) {
            throw new ProblemException(ProblemType.NOT_FOUND, "There is no such event type; there are " + String.join(", ", types.keySet())
                    + '.');
        }
        Answers.json(ctx, 200, type);
    }
}
