package dev.millrace.ingest.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.ingest.auth.ApiKeys;
import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.auth.KeyInfo;
import dev.millrace.ingest.auth.Revocation;
import dev.millrace.ingest.auth.Rotation.InProgress;
import dev.millrace.ingest.auth.Rotation.NoClient;
import dev.millrace.ingest.auth.Rotation.Rotated;
import dev.millrace.ingest.auth.Rotation.TwoLive;
import dev.millrace.ingest.auth.Scope;
import dev.millrace.ingest.json.Fields;
import dev.millrace.ingest.json.StrictJson;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The keys of a client: rotated, listed and revoked by the administrator, or by the client with a key for it. */
final class KeyRoutes {
    private static final Set<String> FIELDS = Set.of(ScopeField.NAME);

    private final RequestBodies bodies;
    private final StrictJson json;
    private final ApiKeys apiKeys;

    KeyRoutes(RequestBodies bodies, StrictJson json, ApiKeys apiKeys) {
        this.bodies = bodies;
        this.json = json;
        this.apiKeys = apiKeys;
    }

    Map<Operation, Handler> handlers() {
        return Map.of(Operation.ROTATE_KEY, this::rotate, Operation.LIST_KEYS, this::list, Operation.REVOKE_KEY, this::revoke);
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record NewKey(String id, String apiKey, List<String> scopes, Instant createdAt, @Nullable Ending before) {}

    private record Ending(String id, Instant expiresAt) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record LiveKey(String id, Instant createdAt, @Nullable Instant expiresAt, List<String> scopes) {
        LiveKey(KeyInfo key) {
            this(key.id(), key.createdAt(), key.expiresAt(), words(key.scopes()));
        }
    }

    private record Page(List<LiveKey> items, @Nullable String next) {}

    private void rotate(Context ctx) throws IOException {
        String client = ClientRoutes.own(ctx);
        switch (apiKeys.rotate(client, scopes(ctx))) {
            case Rotated made -> Answers.json(ctx, 201, new NewKey(made.keyId(), made.apiKey(), words(made.scopes()), made.createdAt(),
                    made.before() == null ? null : new Ending(made.before().keyId(), made.before().expiresAt())));
            case InProgress() -> throw new ProblemException(ProblemType.ROTATION_IN_PROGRESS, "Nothing was changed by this request.");
            case TwoLive(@Nullable Instant until) ->
                throw new ProblemException(ProblemType.TWO_LIVE_KEYS, "Revoke the one that is not in use"
                        + (until == null ? "." : ", or wait until the other ends at " + until + '.'));
            case NoClient() -> throw ClientRoutes.notFound();
        }
    }

    private @Nullable Set<Scope> scopes(Context ctx) throws IOException {
        if (!bodies.has(ctx)) {
            return null;
        }
        Fields fields = new Fields(json.readObject(bodies.json(ctx)));
        fields.only(FIELDS);
        @Nullable Set<Scope> scopes = ScopeField.read(fields);
        fields.check();
        return scopes;
    }

    private void list(Context ctx) {
        List<KeyInfo> keys = apiKeys.list(ClientRoutes.own(ctx)).orElseThrow(ClientRoutes::notFound);
        Answers.json(ctx, 200, new Page(keys.stream().map(LiveKey::new).toList(), null));
    }

    private void revoke(Context ctx) {
        Revocation revocation = apiKeys.revoke(ClientRoutes.own(ctx), ctx.pathParam("keyId"), Door.caller(ctx) instanceof Caller.Admin);
        switch (revocation) {
            case REVOKED -> Answers.empty(ctx, 204);
            case LAST ->
                throw new ProblemException(ProblemType.LAST_KEY, "Rotate it before; the administrator can revoke it all the same.");
            case UNKNOWN -> throw new ProblemException(ProblemType.NOT_FOUND, "The client has no such live key.");
        }
    }

    private static List<String> words(Set<Scope> scopes) {
        return scopes.stream().map(Scope::word).sorted().toList();
    }
}
