package dev.millrace.ingest.http;

import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.auth.Client;
import dev.millrace.ingest.auth.Clients;
import dev.millrace.ingest.auth.Registration;
import dev.millrace.ingest.auth.Scope;
import dev.millrace.ingest.json.Fields;
import dev.millrace.ingest.json.StrictJson;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Clients: made by the administrator, seen by him and by themselves. */
final class ClientRoutes {
    private static final String REGISTRATION = "registration";
    private static final Set<String> FIELDS = Set.of("id", "name", "tier", ScopeField.NAME, REGISTRATION);
    private static final int MAX_NAME = 128;
    /** What {@link #isDisplayName} takes, as the end of a sentence. */
    static final String DISPLAY_NAME = "must have 1 to " + MAX_NAME + " characters and no control characters";

    private final RequestBodies bodies;
    private final StrictJson json;
    private final Clients clients;

    ClientRoutes(RequestBodies bodies, StrictJson json, Clients clients) {
        this.bodies = bodies;
        this.json = json;
        this.clients = clients;
    }

    Map<Operation, Handler> handlers() {
        return Map.of(Operation.CREATE_CLIENT, this::create, Operation.GET_CLIENT, this::get, Operation.UPDATE_CLIENT, this::update);
    }

    private record Created(String id, String name, String apiKey) {}

    private void create(Context ctx) throws IOException {
        Fields fields = new Fields(json.readObject(bodies.json(ctx)));
        fields.only(FIELDS);
        String id = fields.requiredName("id");
        String name = fields.required("name", ClientRoutes::isDisplayName, DISPLAY_NAME);
        @Nullable String tier = fields.optionalName("tier");
        @Nullable Set<Scope> scopes = ScopeField.read(fields);
        Optional<Registration> registration = registration(fields);
        fields.check();
        String apiKey = clients.create(id, name, tier == null ? Client.DEFAULT_TIER : tier, scopes == null ? Scope.BY_DEFAULT : scopes,
                registration.orElse(Registration.CLOSED))
                .orElseThrow(() -> new ProblemException(ProblemType.CLIENT_EXISTS, "There is a client " + id + " already."));
        ctx.header("Location", "/v1/clients/" + id);
        Answers.json(ctx, 201, new Created(id, name, apiKey));
    }

    private static Optional<Registration> registration(Fields fields) {
        @Nullable String word = fields.optional(REGISTRATION, text -> Registration.ofWord(text).isPresent(),
                "must be one of closed, open, provider");
        return word == null ? Optional.empty() : Registration.ofWord(word);
    }

    private void get(Context ctx) {
        Answers.json(ctx, 200, clients.find(own(ctx)).orElseThrow(ClientRoutes::notFound));
    }

    private void update(Context ctx) throws IOException {
        String id = own(ctx);
        Fields fields = new Fields(json.readObject(bodies.json(ctx)));
        fields.only(Set.of(REGISTRATION));
        Optional<Registration> registration = registration(fields);
        fields.check();
        if (registration.isPresent() && !clients.choose(id, registration.get())) {
            throw notFound();
        }
        Answers.json(ctx, 200, clients.find(id).orElseThrow(ClientRoutes::notFound));
    }

    /**
     * The client in the path.
     *
     * @throws ProblemException if a client asks for another: it learns nothing of others, not even whether they exist
     */
    static String own(Context ctx) {
        if (Door.caller(ctx) instanceof Caller.Client client && !client.client().equals(ctx.pathParam("id"))) {
            throw notFound();
        }
        return Parameters.pathName(ctx, "id");
    }

    static ProblemException notFound() {
        return new ProblemException(ProblemType.NOT_FOUND, "There is no such client.");
    }

    /** Whether a text may be how a client or a user is shown. */
    static boolean isDisplayName(String name) {
        return !name.isBlank() && name.codePointCount(0, name.length()) <= MAX_NAME && name.chars().noneMatch(Character::isISOControl);
    }
}
