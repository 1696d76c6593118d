package dev.millrace.ingest.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.auth.Client;
import dev.millrace.ingest.auth.Clients;
import dev.millrace.ingest.auth.Registration;
import dev.millrace.ingest.json.Fields;
import dev.millrace.ingest.json.StrictJson;
import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.ingest.session.Session;
import dev.millrace.ingest.session.SessionSecrets;
import dev.millrace.ingest.session.Sessions;
import dev.millrace.ingest.token.OwnTokens;
import dev.millrace.ingest.user.BusyException;
import dev.millrace.ingest.user.Login;
import dev.millrace.ingest.user.Login.Result;
import dev.millrace.ingest.user.User;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Users: registered, and let in by their passwords. */
final class UserRoutes {
    private static final String CLIENT = "client";
    private static final String USER = "user";
    private static final String PASSWORD = "password";
    private static final String NAME = "name";
    private static final String COOKIE = "cookie";
    private static final Set<String> REGISTER_FIELDS = Set.of(CLIENT, USER, PASSWORD, NAME);
    private static final Set<String> LOGIN_FIELDS = Set.of(CLIENT, USER, PASSWORD, COOKIE);
    private static final String CHALLENGE = "WWW-Authenticate";
    private static final String WRONG = "Client, user or password is wrong.";
    private static final int MAX_AGENT = 128;
    private static final Duration SOON = Duration.ofSeconds(1);

    private final KeyAuthenticator keys;
    private final Turnstile turnstile;
    private final RequestBodies bodies;
    private final StrictJson json;
    private final Clients clients;
    private final Login login;
    private final Sessions sessions;
    private final SessionSecrets secrets;
    private final OwnTokens tokens;

    UserRoutes(KeyAuthenticator keys, Turnstile turnstile, RequestBodies bodies, StrictJson json, Clients clients, Login login,
            Sessions sessions,
            SessionSecrets secrets, OwnTokens tokens) {
        this.keys = keys;
        this.turnstile = turnstile;
        this.bodies = bodies;
        this.json = json;
        this.clients = clients;
        this.login = login;
        this.sessions = sessions;
        this.secrets = secrets;
        this.tokens = tokens;
    }

    Map<Operation, Handler> handlers() {
        return Map.of(Operation.REGISTER, this::register, Operation.LOGIN, this::login);
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Registered(String client, String user, @Nullable String name, Instant createdAt) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record LoggedIn(String client, String user, @Nullable String name, String token, Instant tokenExpiresAt,
            @Nullable String session, Instant sessionExpiresAt, @Nullable String csrfToken) {}

    private void register(Context ctx) throws IOException {
        requireTokens(tokens);
        Fields fields = new Fields(json.readObject(bodies.json(ctx)));
        fields.only(REGISTER_FIELDS);
        String client = fields.requiredName(CLIENT);
        String user = fields.requiredName(USER);
        String password = fields.required(PASSWORD, Login::isPassword, Login.PASSWORD_FORM);
        @Nullable String name = fields.optional(NAME, ClientRoutes::isDisplayName, ClientRoutes.DISPLAY_NAME);
        fields.check();
        @Nullable String address = mayRegister(ctx, client) ? null : turnstile.network(ctx);
        switch (busyAsProblem(() -> login.register(client, user, name, password, address))) {
            case Result.Welcome(var made) ->
                Answers.json(ctx, 201, new Registered(made.client(), made.id(), made.name(), made.createdAt()));
            case Result.Taken() -> throw new ProblemException(ProblemType.USER_EXISTS, "There is a user " + user + " already.");
            case Result.Delayed(Duration wait) -> throw delayed(wait);
            case Result.Refused() -> throw new IllegalStateException("nothing is refused that was let in");
        }
    }

    /**
     * Whether it is the client itself that registers its user, or the administrator for it, rather than anyone.
     *
     * @throws ProblemException if the caller may not register users of this client
     */
    private boolean mayRegister(Context ctx, String client) {
        @Nullable Caller caller = keyHolder(ctx);
        if (caller != null) {
            Access.KEY_KEEPERS.refusal(caller).ifPresent(refusal -> {
                throw new ProblemException(refusal);
            });
            if (caller instanceof Caller.Client own && !own.client().equals(client)) {
                throw closed();
            }
        }
        Registration registration = clients.find(client).map(Client::registration).orElseThrow(UserRoutes::closed);
        if (registration == Registration.PROVIDER || (registration == Registration.CLOSED && caller == null)) {
            throw closed();
        }
        return caller != null;
    }

    private @Nullable Caller keyHolder(Context ctx) {
        try {
            return keys.caller(ctx);
        } catch (ProblemException e) {
            ctx.header(CHALLENGE, keys.challenge());
            throw e;
        }
    }

    /** The same for a client that there is not, so that nobody learns which there are. */
    private static ProblemException closed() {
        return new ProblemException(ProblemType.FORBIDDEN,
                "Registration of this client's users is not open: it takes a key of the client with the scope admin, or its OpenID provider.");
    }

    private void login(Context ctx) throws IOException {
        requireTokens(tokens);
        Fields fields = new Fields(json.readObject(bodies.json(ctx)));
        fields.only(LOGIN_FIELDS);
        String client = fields.requiredName(CLIENT);
        String user = fields.requiredName(USER);
        String password = fields.required(PASSWORD, text -> !text.isEmpty(), "must not be empty");
        boolean cookie = fields.flag(COOKIE);
        fields.check();
        switch (busyAsProblem(() -> login.login(client, user, password, turnstile.network(ctx)))) {
            case Result.Welcome(var known) -> welcome(ctx, known, cookie);
            case Result.Delayed(Duration wait) -> throw delayed(wait);
            case Result.Refused(),Result.Taken() -> {
                throw wrong(ctx, WRONG);
            }
        }
    }

    static ProblemException wrong(Context ctx, String detail) {
        ctx.header(CHALLENGE, UserAuthenticator.CHALLENGE);
        return new ProblemException(ProblemType.INVALID_CREDENTIALS, detail);
    }

    private void welcome(Context ctx, User user, boolean cookie) {
        // Those who had a password before the client left its users to a provider.
        if (clients.find(user.client()).map(Client::registration).filter(choice -> choice != Registration.PROVIDER).isEmpty()) {
            throw wrong(ctx, WRONG);
        }
        Sessions.Begun begun = sessions.begin(user.client(), user.id(), agent(ctx));
        Session session = begun.session();
        OwnTokens.Issued token = tokens.issue(session);
        if (cookie) {
            SessionCookie.set(ctx, begun.secret(), Duration.between(session.createdAt(), session.expiresAt()));
        }
        Answers.json(ctx, 200, new LoggedIn(user.client(), user.id(), user.name(), token.text(), token.expiresAt(),
                cookie ? null : begun.secret(), session.expiresAt(), cookie ? secrets.csrfToken(begun.secret()) : null));
    }

    /** What the program calls itself, so that people know their sessions apart; it may call itself anything. */
    private static String agent(Context ctx) {
        @Nullable String agent = ctx.userAgent();
        if (agent == null) {
            return "";
        }
        String printable = agent.replaceAll("[^ -~]", "?");
        return printable.substring(0, Math.min(MAX_AGENT, printable.length()));
    }

    /** Fails unless users are set up. */
    static void requireTokens(OwnTokens tokens) {
        if (!tokens.available()) {
            throw new ProblemException(ProblemType.NOT_SET_UP, "Users can't log in until MILLRACE_JWT_SECRET is set.");
        }
    }

    @FunctionalInterface
    interface Hashing {
        Result run();
    }

    static Result busyAsProblem(Hashing hashing) {
        try {
            return hashing.run();
        } catch (BusyException e) {
            throw new ProblemException(Problem.of(ProblemType.UNAVAILABLE, "Too many passwords wait to be hashed.").retryAfter(SOON));
        }
    }

    static ProblemException delayed(Duration wait) {
        return new ProblemException(
                Problem.of(ProblemType.TOO_MANY_ATTEMPTS, "Wait before the next one; each failure doubles the wait.").retryAfter(wait));
    }
}
