package dev.millrace.ingest.http;

import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.auth.Clients;
import dev.millrace.ingest.auth.Registration;
import dev.millrace.ingest.problem.InputError;
import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.ingest.session.Session;
import dev.millrace.ingest.session.SessionSecrets;
import dev.millrace.ingest.session.Sessions;
import dev.millrace.ingest.token.BearerTokens;
import dev.millrace.ingest.token.ProviderAwayException;
import dev.millrace.ingest.token.VerifiedToken;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Knows users by {@code Authorization: Bearer} with the secret of a session or a signed token, or by the cookie of a session, which must
 * come with a header of its own wherever it is to change anything.
 */
final class UserAuthenticator implements Authenticator {
    /** How to come in as a user, as {@code WWW-Authenticate} has it. */
    static final String CHALLENGE = "Bearer realm=\"millrace\"";

    private static final String CREDENTIALS = "millrace-credentials";
    private static final String HEADER = "Authorization";
    private static final String SCHEME = "bearer ";
    private static final Set<HandlerType> READING = Set.of(HandlerType.GET, HandlerType.HEAD);
    private static final Duration SOON = Duration.ofSeconds(5);

    private final Sessions sessions;
    private final SessionSecrets secrets;
    private final BearerTokens tokens;
    private final Clients clients;

    UserAuthenticator(Sessions sessions, SessionSecrets secrets, BearerTokens tokens, Clients clients) {
        this.sessions = sessions;
        this.secrets = secrets;
        this.tokens = tokens;
        this.clients = clients;
    }

    /** By what the user who called was known. */
    static Credentials credentials(Context ctx) {
        return Objects.requireNonNull(ctx.attribute(CREDENTIALS), "the caller is no user");
    }

    @Override
    public @Nullable Caller caller(Context ctx) {
        @Nullable String header = ctx.header(HEADER);
        if (header != null) {
            return ofHeader(ctx, header);
        }
        @Nullable String cookie = SessionCookie.of(ctx);
        return cookie == null ? null : ofCookie(ctx, cookie);
    }

    private Caller ofHeader(Context ctx, String header) {
        if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw unauthenticated("Authorization takes the scheme Bearer only.");
        }
        String bearer = header.substring(SCHEME.length()).strip();
        return SessionSecrets.matches(bearer) ? ofSession(ctx, bearer, false) : ofToken(ctx, bearer);
    }

    private Caller ofCookie(Context ctx, String cookie) {
        if (!SessionSecrets.matches(cookie)) {
            throw unauthenticated("The cookie is no session's.");
        }
        boolean changes = !READING.contains(ctx.method());
        @Nullable String proof = ctx.header(SessionCookie.CSRF_HEADER);
        if (changes && (proof == null || !secrets.isCsrfToken(proof, cookie))) {
            throw new ProblemException(Problem.of(ProblemType.FORBIDDEN, List.of(new InputError(InputError.Where.HEADER,
                    SessionCookie.CSRF_HEADER, "must be the csrfToken that GET /v1/auth/session answers"))));
        }
        return ofSession(ctx, cookie, true);
    }

    private Caller ofSession(Context ctx, String secret, boolean cookie) {
        @Nullable Session session = sessions.open(secret).filter(open -> isFrom(open.client(), true)).orElse(null);
        if (session == null) {
            if (cookie) {
                SessionCookie.clear(ctx);
            }
            throw unauthenticated("The session has ended, or never was.");
        }
        ctx.attribute(CREDENTIALS, new Credentials.OfSession(session, secret, cookie));
        return new Caller.User(session.client(), session.user());
    }

    private Caller ofToken(Context ctx, String text) {
        try {
            VerifiedToken token = tokens.verify(text).filter(known -> isFrom(known.client(), known.ours()))
                    .orElseThrow(() -> unauthenticated("The token is not genuine, not for here, or not in its time."));
            ctx.attribute(CREDENTIALS, new Credentials.OfToken(token));
            return new Caller.User(token.client(), token.user());
        } catch (ProviderAwayException e) {
            throw new ProblemException(
                    Problem.of(ProblemType.UNAVAILABLE, "The OpenID provider's keys can't be had now.").retryAfter(SOON));
        }
    }

    /**
     * Whether the users of a client come from here, or from the provider: what either says of them counts only while the client leaves it to that
     * one.
     *
     * @param here whether it is said here
     */
    private boolean isFrom(String client, boolean here) {
        return clients.registration(client).filter(choice -> (choice == Registration.PROVIDER) != here).isPresent();
    }

    private static ProblemException unauthenticated(String detail) {
        return new ProblemException(ProblemType.UNAUTHENTICATED, detail);
    }

    @Override
    public String challenge() {
        return CHALLENGE;
    }
}
