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
    private static final Script CHANGE_PASSWORD = Script.load(Users.class, "change-password");
    private static final Script DELETE = Script.load(Users.class, "delete-user");
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
     * Changes a password.
     *
     * @param before the hash that there is until now
     * @return false if there is another, or no such user
     * @throws RedisUnavailableException if Redis can't be asked; if the outcome is unknown, it may be changed
     */
    boolean changePassword(String client, String id, String before, String passwordHash) {
        return redis.eval(CHANGE_PASSWORD, List.of(keys.user(client, id)), Args.of(before, passwordHash).list()).word().equals("CHANGED");
    }

    /**
     * Deletes a user. What the user's scores were stays: the player is the client's.
     *
     * @param passwordHash which the user must have; null for any
     * @return false if there is no such user
     * @throws RedisUnavailableException if Redis can't be asked; if the outcome is unknown, the user may be gone
     */
    boolean delete(String client, String id, @Nullable String passwordHash) {
        return redis.eval(DELETE, List.of(keys.user(client, id)), Args.of(passwordHash == null ? "" : passwordHash).list()).word()
                .equals("DELETED");
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
