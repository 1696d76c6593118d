package dev.millrace.ingest.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.ingest.session.Session;
import dev.millrace.ingest.session.SessionSecrets;
import dev.millrace.ingest.session.Sessions;
import dev.millrace.ingest.token.BearerTokens;
import dev.millrace.ingest.token.OwnTokens;
import dev.millrace.ingest.token.VerifiedToken;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What users do with what they are let in by: look at it, renew it, end it. */
final class SessionRoutes {
    private final Sessions sessions;
    private final SessionSecrets secrets;
    private final OwnTokens own;
    private final BearerTokens tokens;

    SessionRoutes(Sessions sessions, SessionSecrets secrets, OwnTokens own, BearerTokens tokens) {
        this.sessions = sessions;
        this.secrets = secrets;
        this.own = own;
        this.tokens = tokens;
    }

    Map<Operation, Handler> handlers() {
        return Map.of(Operation.GET_SESSION, this::get, Operation.REFRESH, this::refresh, Operation.LOGOUT, this::logout,
                Operation.LIST_SESSIONS, this::list, Operation.END_SESSION, this::end);
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Who(String client, String user, String by, Instant expiresAt, @Nullable String sessionId, @Nullable String csrfToken) {}

    private record Refreshed(String token, Instant tokenExpiresAt, Instant sessionExpiresAt) {}

    private record Listed(String id, String agent, Instant createdAt, Instant lastSeenAt, Instant expiresAt, boolean current) {}

    private record Page(List<Listed> items, @Nullable String next) {}

    private void get(Context ctx) {
        Answers.json(ctx, 200, switch (UserAuthenticator.credentials(ctx)) {
            case Credentials.OfSession(Session session, String secret, boolean cookie) -> new Who(session.client(), session.user(),
                    "session", session.expiresAt(), session.id(), cookie ? secrets.csrfToken(secret) : null);
            case Credentials.OfToken(VerifiedToken token) -> new Who(token.client(), token.user(), token.ours() ? "token" : "provider",
                    token.expiresAt(), token.ours() ? token.denial() : null, null);
        });
    }

    private void refresh(Context ctx) {
        UserRoutes.requireTokens(own);
        if (UserAuthenticator.credentials(ctx) instanceof Credentials.OfSession with) {
            OwnTokens.Issued token = own.issue(with.session());
            Answers.json(ctx, 200, new Refreshed(token.text(), token.expiresAt(), with.session().expiresAt()));
            return;
        }
        throw new ProblemException(ProblemType.FORBIDDEN, "A token is not renewed by a token; send the session.");
    }

    private void logout(Context ctx) {
        Caller.User user = user(ctx);
        switch (UserAuthenticator.credentials(ctx)) {
            case Credentials.OfSession with -> {
                end(user, with.session().id());
                if (with.cookie()) {
                    SessionCookie.clear(ctx);
                }
            }
            case Credentials.OfToken(VerifiedToken token) when token.ours() -> end(user, token.denial());
            case Credentials.OfToken(VerifiedToken token) -> tokens.deny(token);
        }
        Answers.empty(ctx, 204);
    }

    private void list(Context ctx) {
        Caller.User user = user(ctx);
        String current = current(ctx);
        Answers.json(ctx, 200, new Page(sessions.list(user.client(), user.user()).stream().map(one -> new Listed(one.id(), one.agent(),
                one.createdAt(), one.lastSeenAt(), one.expiresAt(), one.id().equals(current))).toList(), null));
    }

    /** The id of the session that the caller is in, of a provider's token that of the token. */
    static String current(Context ctx) {
        return switch (UserAuthenticator.credentials(ctx)) {
            case Credentials.OfSession with -> with.session().id();
            case Credentials.OfToken(VerifiedToken token) -> token.denial();
        };
    }

    private void end(Context ctx) {
        Caller.User user = user(ctx);
        String id = ctx.pathParam("id");
        if (sessions.list(user.client(), user.user()).stream().noneMatch(one -> one.id().equals(id))) {
            throw new ProblemException(ProblemType.NOT_FOUND, "There is no such session.");
        }
        end(user, id);
        Answers.empty(ctx, 204);
    }

    /** The tokens come first: were the session ended and they not, nobody could end them any more. */
    private void end(Caller.User user, String session) {
        tokens.denySession(session);
        sessions.end(user.client(), user.user(), session);
    }

    static Caller.User user(Context ctx) {
        if (Door.caller(ctx) instanceof Caller.User user) {
            return user;
        }
        throw new IllegalStateException("only users are let in");
    }
}
