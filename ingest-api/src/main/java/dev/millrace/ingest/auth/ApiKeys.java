package dev.millrace.ingest.auth;

import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.DistributedLock;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import dev.millrace.schema.settings.DoorSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys of clients. A client has at most two that are live: the one it uses, and the one before it, which lives on for a grace period so
 * that its users can go over to the new one.
 */
public final class ApiKeys {
    private static final Script ROTATE = Script.load(ApiKeys.class, "rotate-key");
    private static final Script LIST = Script.load(ApiKeys.class, "list-keys");
    private static final Script REVOKE = Script.load(ApiKeys.class, "revoke-key");
    /** How long a client's keys can't be rotated after a process has died at it. */
    private static final Duration LEASE = Duration.ofSeconds(5);

    private final Redis redis;
    private final Keyspace keys;
    private final KeyIndex index;
    private final Duration grace;

    public ApiKeys(Redis redis, Keyspace keys, DoorSettings settings) {
        this.redis = redis;
        this.keys = keys;
        this.index = new KeyIndex(redis, keys, settings);
        this.grace = settings.keyGrace();
    }

    /**
     * Gives a client a new key; the one it has lives on for the grace period, and never longer than it would have.
     *
     * <p>
     * A third live key is not made, and none is ended for it: the caller may never have heard of the second one, and then the first is the one
     * that everybody uses.
     *
     * @param scopes what the new key may be used for; null for what the one before it may
     * @throws RedisUnavailableException if Redis can't be asked; if the outcome is unknown, there may be a new key that nobody knows
     */
    public Rotation rotate(String client, @Nullable Set<Scope> scopes) {
        DistributedLock lock = new DistributedLock(redis, keys.clientLock(client), keys.clientFence(client), LEASE);
        Optional<DistributedLock.Hold> taken = lock.tryTake();
        if (taken.isEmpty()) {
            return new Rotation.InProgress();
        }
        try (DistributedLock.Hold hold = taken.get()) {
            return rotate(client, scopes, hold);
        }
    }

    Rotation rotate(String client, @Nullable Set<Scope> scopes, DistributedLock.Hold hold) {
        KeyIndex.Issued issued = index.issue(client);
        List<String> places = new ArrayList<>(List.of(keys.client(client), keys.clientKeys(client)));
        places.addAll(hold.guards());
        Reply reply = redis.eval(ROTATE, places, Args.of().add(hold.number()).add(issued.keyId()).add(issued.hmac()).add(grace.toMillis())
                .add(scopes == null ? "" : Scope.join(scopes)).add(Scope.join(Scope.BY_DEFAULT)).list());
        if (reply.word().equals("ROTATED")) {
            return rotated(issued, reply);
        }
        index.drop(issued.hmac());
        return switch (reply.word()) {
            case "FULL" -> new Rotation.TwoLive(reply.number(1) == 0 ? null : Instant.ofEpochMilli(reply.number(1)));
            case "UNKNOWN" -> new Rotation.NoClient();
            // The lease ran out in this process's hands, so that by now it may be someone else's turn.
            case "FENCED" -> new Rotation.InProgress();
            default -> throw new IllegalStateException("rotate-key.lua answered " + reply.word());
        };
    }

    private Rotation rotated(KeyIndex.Issued issued, Reply reply) {
        Rotation.@Nullable Before before = null;
        if (!reply.text(3).isEmpty()) {
            before = new Rotation.Before(reply.text(3), Instant.ofEpochMilli(reply.number(4)));
            index.expire(reply.text(5), reply.number(4));
        }
        Reply ended = reply.list(6);
        for (int i = 0; i < ended.size(); i++) {
            index.drop(ended.text(i));
        }
        return new Rotation.Rotated(issued.keyId(), issued.apiKey(), Scope.split(reply.text(2)), Instant.ofEpochMilli(reply.number(1)),
                before);
    }

    /**
     * A client's live keys, the oldest first.
     *
     * @return empty if there is no such client
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public Optional<List<KeyInfo>> list(String client) {
        Reply reply = redis.eval(LIST, List.of(keys.client(client), keys.clientKeys(client)), List.of());
        if (reply.word().equals("UNKNOWN")) {
            return Optional.empty();
        }
        long nowMs = reply.number(1);
        return Optional.of(ClientKeys.read(reply.fields(2)).byId().values().stream().filter(key -> key.liveAt(nowMs))
                .sorted(Comparator.comparingLong(ClientKey::createdMs).thenComparing(ClientKey::id))
                .map(key -> new KeyInfo(key.id(), key.createdAt(), key.expiresAt().orElse(null), key.scopes())).toList());
    }

    /**
     * Ends a key at once, on every process.
     *
     * @param evenTheLast whether the client may be left without a live key
     * @throws RedisUnavailableException if Redis can't be asked; if the outcome is unknown, it may be revoked
     */
    public Revocation revoke(String client, String keyId, boolean evenTheLast) {
        Reply reply = redis.eval(REVOKE, List.of(keys.clientKeys(client)), Args.of(keyId, evenTheLast ? "last" : "spare").list());
        return switch (reply.word()) {
            case "REVOKED" -> {
                index.drop(reply.text(1));
                yield Revocation.REVOKED;
            }
            case "LAST" -> Revocation.LAST;
            case "UNKNOWN" -> Revocation.UNKNOWN;
            default -> throw new IllegalStateException("revoke-key.lua answered " + reply.word());
        };
    }
}
