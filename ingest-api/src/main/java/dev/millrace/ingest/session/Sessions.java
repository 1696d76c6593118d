package dev.millrace.ingest.session;

import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import dev.millrace.schema.settings.UserSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The sessions of all users, by the clock of Redis. Each is a key of its own, which is the only thing that says whether it is alive; a
 * user's list of them, in another slot, is written before a session begins and after it ends, so that none is missing from it.
 */
public final class Sessions {
    private static final Script ENLIST = Script.load(Sessions.class, "enlist-session");
    private static final Script BEGIN = Script.load(Sessions.class, "begin-session");
    private static final Script TOUCH = Script.load(Sessions.class, "touch-session");
    private static final Script END = Script.load(Sessions.class, "end-session");
    private static final Script LISTED = Script.load(Sessions.class, "listed-sessions");
    private static final Script DELIST = Script.load(Sessions.class, "delist-session");
    /** How many sessions a user has at most; the oldest gives way. */
    static final int MAX = 32;

    private final Redis redis;
    private final Keyspace keys;
    private final SessionSecrets secrets;
    private final Duration idle;
    private final Duration max;

    public Sessions(Redis redis, Keyspace keys, SessionSecrets secrets, UserSettings settings) {
        this.redis = redis;
        this.keys = keys;
        this.secrets = secrets;
        this.idle = settings.sessionIdle();
        this.max = settings.sessionMax();
    }

    /**
     * A session that has begun.
     *
     * @param secret what opens it; stored nowhere and so known only now
     */
    public record Begun(String secret, Session session) {
        @Override
        public String toString() {
            return "Begun[" + session + ']';
        }
    }

    /**
     * Begins a session, always under a new secret.
     *
     * @param agent what to remember of the program, 128 characters at most
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public Begun begin(String client, String user, String agent) {
        String secret = secrets.generate();
        String id = secrets.id(secret);
        Reply enlisted = redis.eval(ENLIST, List.of(keys.userSessions(client, user)),
                Args.of(id).add(max.toMillis()).add(MAX).list());
        for (int n = 1; n < enlisted.size(); n++) {
            redis.eval(END, List.of(keys.session(enlisted.text(n))), List.of());
        }
        Reply begun = redis.eval(BEGIN, List.of(keys.session(id)),
                Args.of(client, user, agent).add(idle.toMillis()).add(max.toMillis()).list());
        Instant now = Instant.ofEpochMilli(begun.number(1));
        return new Begun(secret, new Session(id, client, user, agent, now, now, Instant.ofEpochMilli(begun.number(2))));
    }

    /**
     * The session that a secret opens, which is thereby used.
     *
     * @return empty if there is none, or none any more
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public Optional<Session> open(String secret) {
        String id = secrets.id(secret);
        Reply reply = redis.eval(TOUCH, List.of(keys.session(id)), Args.of().add(idle.toMillis()).list());
        return reply.word().equals("ALIVE") ? Optional.of(session(id, reply.fields(1))) : Optional.empty();
    }

    /**
     * A user's sessions that are alive, the newest first.
     *
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public List<Session> list(String client, String user) {
        List<Session> alive = new ArrayList<>();
        Reply listed = redis.eval(LISTED, List.of(keys.userSessions(client, user)), List.of());
        for (int n = 1; n < listed.size(); n++) {
            String id = listed.text(n);
            Map<String, byte[]> fields = redis.hgetall(keys.session(id));
            // It may also be one that is just beginning; so it stays on the list.
            if (!fields.isEmpty()) {
                alive.add(session(id, fields));
            }
        }
        alive.sort(Comparator.comparing(Session::createdAt).reversed());
        return alive;
    }

    /**
     * Ends a session of a user.
     *
     * @return whether it was the user's and alive
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public boolean end(String client, String user, String id) {
        Reply listed = redis.eval(LISTED, List.of(keys.userSessions(client, user)), List.of());
        for (int n = 1; n < listed.size(); n++) {
            if (listed.text(n).equals(id)) {
                boolean ended = redis.eval(END, List.of(keys.session(id)), List.of()).word().equals("ENDED");
                redis.eval(DELIST, List.of(keys.userSessions(client, user)), Args.of(id).list());
                return ended;
            }
        }
        return false;
    }

    private static Session session(String id, Map<String, byte[]> fields) {
        return new Session(id, text(fields, "client"), text(fields, "user"), text(fields, "agent"), time(fields, "created"),
                time(fields, "seen"), time(fields, "until"));
    }

    private static Instant time(Map<String, byte[]> fields, String name) {
        return Instant.ofEpochMilli(Long.parseLong(text(fields, name)));
    }

    private static String text(Map<String, byte[]> fields, String name) {
        byte[] value = fields.get(name);
        if (value == null) {
            throw new IllegalStateException("session without " + name);
        }
        return new String(value, StandardCharsets.UTF_8);
    }
}
