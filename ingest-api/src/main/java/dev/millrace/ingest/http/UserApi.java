package dev.millrace.ingest.http;

import dev.millrace.ingest.auth.Clients;
import dev.millrace.ingest.auth.KeyHash;
import dev.millrace.ingest.json.StrictJson;
import dev.millrace.ingest.session.SessionSecrets;
import dev.millrace.ingest.session.Sessions;
import dev.millrace.ingest.token.BearerTokens;
import dev.millrace.ingest.token.OwnTokens;
import dev.millrace.ingest.user.Login;
import dev.millrace.ingest.user.Users;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.settings.Settings;
import dev.millrace.schema.settings.UserSettings;
import io.javalin.http.Handler;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;

/** The part of the API that is about users, wired. */
final class UserApi {
    private final UserAuthenticator authenticator;
    private final Map<Operation, Handler> handlers = new EnumMap<>(Operation.class);

    /**
     * @param byKey knows those who register users for their client
     * @param turnstile knows where requests come from
     */
    UserApi(Settings settings, Redis redis, Keyspace keys, Clients clients, KeyAuthenticator byKey, Turnstile turnstile,
            RequestBodies bodies, StrictJson json, MeterRegistry metrics, InstantSource clock) {
        UserSettings users = settings.users();
        SessionSecrets secrets = new SessionSecrets(new KeyHash(settings.door().keyPepper()));
        Sessions sessions = new Sessions(redis, keys, secrets, users);
        OwnTokens tokens = new OwnTokens(users, keys.namespace(), clock);
        BearerTokens bearers = new BearerTokens(redis, keys, tokens, users, clock);
        Login login = new Login(redis, keys, new Users(redis, keys), metrics);
        this.authenticator = new UserAuthenticator(sessions, secrets, bearers, clients);
        handlers.putAll(new UserRoutes(byKey, turnstile, bodies, json, clients, login, sessions, secrets, tokens).handlers());
        handlers.putAll(new AccountRoutes(turnstile, bodies, json, login, sessions, bearers).handlers());
        handlers.putAll(new SessionRoutes(sessions, secrets, tokens, bearers).handlers());
    }

    UserAuthenticator authenticator() {
        return authenticator;
    }

    Map<Operation, Handler> handlers() {
        return handlers;
    }
}
