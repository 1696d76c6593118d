package dev.millrace.ingest.user;

import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import java.time.Duration;
import java.util.List;

/**
 * Slows down those who guess: after some failures each further try has to wait, twice as long every time, up to a minute. Nobody is ever
 * locked out, because a lock that anyone can turn is itself an attack. It is counted for each account, whether or not there is one, and
 * for each address, by the clock of Redis.
 *
 * <p>
 * A try counts as a failure from its beginning, so that many at once are no way around.
 */
final class Attempts {
    private static final Script BEGIN = Script.load(Attempts.class, "begin-attempt");
    private static final Script FORGIVE = Script.load(Attempts.class, "forgive-attempts");

    static final int FREE_OF_ACCOUNT = 5;
    /** More, because many people may share an address. */
    static final int FREE_OF_ADDRESS = 20;

    private static final Duration FIRST_DELAY = Duration.ofSeconds(1);
    private static final Duration LONGEST_DELAY = Duration.ofMinutes(1);
    private static final Duration REMEMBERED = Duration.ofHours(1);

    private final Redis redis;
    private final Keyspace keys;

    Attempts(Redis redis, Keyspace keys) {
        this.redis = redis;
        this.keys = keys;
    }

    /**
     * Begins a try from an address.
     *
     * @return how long to wait before; zero if it has begun
     * @throws RedisUnavailableException if Redis can't be asked: who can't be counted can't try
     */
    Duration begin(String address) {
        return begin(keys.addressFailures(address), FREE_OF_ADDRESS);
    }

    /** Begins a try at an account from an address; one that the address has to wait for does not count against the account. */
    Duration begin(String address, String client, String user) {
        Duration ofAddress = begin(address);
        return ofAddress.isZero() ? begin(keys.userFailures(client, user), FREE_OF_ACCOUNT) : ofAddress;
    }

    private Duration begin(String key, int free) {
        Reply reply = redis.eval(BEGIN, List.of(key), Args.of().add(free).add(FIRST_DELAY.toMillis()).add(LONGEST_DELAY.toMillis())
                .add(REMEMBERED.toMillis()).list());
        return reply.word().equals("WAIT") ? Duration.ofMillis(reply.number(1)) : Duration.ZERO;
    }

    /**
     * Takes a try back that was right: the account's failures are forgotten, and of the address's this one. Were all of those, whoever has
     * one account could guess at others without end.
     */
    void succeeded(String address, String client, String user) {
        forgive(keys.addressFailures(address), "one");
        forgive(keys.userFailures(client, user), "all");
    }

    /** Takes a try back that came to nothing. */
    void abandoned(String address, String client, String user) {
        forgive(keys.addressFailures(address), "one");
        forgive(keys.userFailures(client, user), "one");
    }

    private void forgive(String key, String which) {
        redis.eval(FORGIVE, List.of(key), Args.of(which).list());
    }
}
