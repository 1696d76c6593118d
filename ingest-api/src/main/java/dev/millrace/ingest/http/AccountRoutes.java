package dev.millrace.ingest.http;

import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.json.Fields;
import dev.millrace.ingest.json.StrictJson;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.ingest.session.Sessions;
import dev.millrace.ingest.token.BearerTokens;
import dev.millrace.ingest.user.Login;
import dev.millrace.ingest.user.Login.Result;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What becomes of accounts: another password, or none of it any more. Either ends the sessions that it concerns, and their tokens. */
final class AccountRoutes {
    private static final String CURRENT = "currentPassword";
    private static final String NEW = "newPassword";
    private static final String PASSWORD = "password";

    private final Turnstile turnstile;
    private final RequestBodies bodies;
    private final StrictJson json;
    private final Login login;
    private final Sessions sessions;
    private final BearerTokens tokens;

    AccountRoutes(Turnstile turnstile, RequestBodies bodies, StrictJson json, Login login, Sessions sessions,
            BearerTokens tokens) {
        this.turnstile = turnstile;
        this.bodies = bodies;
        this.json = json;
        this.login = login;
        this.sessions = sessions;
        this.tokens = tokens;
    }

    Map<Operation, Handler> handlers() {
        return Map.of(Operation.CHANGE_PASSWORD, this::changePassword, Operation.DELETE_ACCOUNT, this::deleteOwn, Operation.DELETE_USER,
                this::delete);
    }

    private void changePassword(Context ctx) throws IOException {
        Fields fields = new Fields(json.readObject(bodies.json(ctx)));
        fields.only(Set.of(CURRENT, NEW));
        String current = fields.required(CURRENT, text -> !text.isEmpty(), "must not be empty");
        String other = fields.required(NEW, Login::isPassword, Login.PASSWORD_FORM);
        fields.check();
        Caller.User user = withPassword(ctx);
        String session = SessionRoutes.current(ctx);
        proven(ctx, UserRoutes.busyAsProblem(
                () -> login.changePassword(user.client(), user.user(), current, other, turnstile.network(ctx))));
        endSessions(user.client(), user.user(), session);
        Answers.empty(ctx, 204);
    }

    private void deleteOwn(Context ctx) throws IOException {
        Fields fields = new Fields(json.readObject(bodies.json(ctx)));
        fields.only(Set.of(PASSWORD));
        String password = fields.required(PASSWORD, text -> !text.isEmpty(), "must not be empty");
        fields.check();
        Caller.User user = withPassword(ctx);
        proven(ctx, UserRoutes.busyAsProblem(() -> login.delete(user.client(), user.user(), password, turnstile.network(ctx))));
        endSessions(user.client(), user.user(), null);
        if (SessionCookie.of(ctx) != null) {
            SessionCookie.clear(ctx);
        }
        Answers.empty(ctx, 204);
    }

    private void delete(Context ctx) {
        String client = ClientRoutes.own(ctx);
        String user = Parameters.pathName(ctx, "user");
        if (!login.delete(client, user)) {
            throw new ProblemException(ProblemType.NOT_FOUND, "There is no such user.");
        }
        endSessions(client, user, null);
        Answers.empty(ctx, 204);
    }

    /** The caller, if it is somebody of whom there is a password here. */
    private static Caller.User withPassword(Context ctx) {
        if (UserAuthenticator.credentials(ctx) instanceof Credentials.OfToken(var token) && !token.ours()) {
            throw new ProblemException(ProblemType.FORBIDDEN, "The OpenID provider keeps this user's account.");
        }
        return SessionRoutes.user(ctx);
    }

    private static void proven(Context ctx, Result result) {
        switch (result) {
            case Result.Welcome _ -> {
                // Right, and done.
            }
            case Result.Delayed(var wait) -> throw UserRoutes.delayed(wait);
            case Result.Refused(),Result.Taken() -> throw UserRoutes.wrong(ctx, "The password is wrong.");
        }
    }

    /** Ends all sessions of a user but one. Their tokens come first: nobody could end them any more once the session is gone. */
    private void endSessions(String client, String user, @Nullable String but) {
        sessions.list(client, user).stream().filter(session -> !session.id().equals(but)).forEach(session -> {
            tokens.denySession(session.id());
            sessions.end(client, user, session.id());
        });
    }
}
