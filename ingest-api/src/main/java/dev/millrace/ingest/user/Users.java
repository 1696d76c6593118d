package dev.millrace.ingest.user;

import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The users of all clients, with the hashes of their passwords. */
public final class Users {
    private static final Script CREATE = Script.load(Users.class, "create-user");
    private static final String NAME = "name";
    private static final String CREATED = "created";
    private static final String PASSWORD = "password";

    private final Redis redis;
    private final Keyspace keys;

    public Users(Redis redis, Keyspace keys) {
        this.redis = redis;
        this.keys = keys;
    }

    /**
     * A user with the hash of the password, for whoever checks one.
     *
     * @param passwordHash as {@link Passwords} made it
     */
    record Account(User user, String passwordHash) {
        @Override
        public String toString() {
            return "Account[" + user + ']';
        }
    }

    /**
     * Creates a user.
     *
     * @return empty if the client has a user of that id; of several callers one creates it
     * @throws RedisUnavailableException if Redis can't be asked; if the outcome is unknown, the user may exist
     */
    Optional<User> create(String client, String id, @Nullable String name, String passwordHash) {
        Reply reply = redis.eval(CREATE, List.of(keys.user(client, id)), Args.of(name == null ? "" : name, passwordHash).list());
        return reply.word().equals("CREATED")
                ? Optional.of(new User(client, id, name, Instant.ofEpochMilli(reply.number(1))))
                : Optional.empty();
    }

    /**
     * Looks a user up.
     *
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public Optional<User> find(String client, String id) {
        return account(client, id).map(Account::user);
    }

    Optional<Account> account(String client, String id) {
        Map<String, byte[]> fields = redis.hgetall(keys.user(client, id));
        if (fields.isEmpty()) {
            return Optional.empty();
        }
        String name = text(fields, NAME);
        User user = new User(client, id, name.isEmpty() ? null : name, Instant.ofEpochMilli(Long.parseLong(text(fields, CREATED))));
        return Optional.of(new Account(user, text(fields, PASSWORD)));
    }

    private static String text(Map<String, byte[]> fields, String name) {
        byte[] value = fields.get(name);
        if (value == null) {
            throw new IllegalStateException("user without " + name);
        }
        return new String(value, StandardCharsets.UTF_8);
    }
}
