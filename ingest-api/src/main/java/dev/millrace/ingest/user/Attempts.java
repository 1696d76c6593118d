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
 * Slows down those who guess: after some failures each further try has to wait, twice as long every time, up to a minute; one fades each
 * minute. Nobody is ever locked out, because a lock that anyone can turn is itself an attack: what is counted for an account, whether or not there
 * is one, is counted for each address that tries it, so that an owner elsewhere does not wait for who guesses here. Many addresses together wait
 * for each other at an account only after far more, and each address for all that it does. Times are by the clock of Redis.
 *
 * <p>
 * A try counts as a failure from its beginning, so that many at once are no way around.
 */
final class Attempts {
    private static final Script BEGIN = Script.load(Attempts.class, "begin-attempt");
    private static final Script FORGIVE = Script.load(Attempts.class, "forgive-attempts");

    /** At one account, from one address. */
    static final int FREE_AT_ACCOUNT = 5;
    /** At one account from all addresses together: only those who have many get there. */
    static final int FREE_OF_ACCOUNT = 100;
    /** More, because many people may share an address. */
    static final int FREE_OF_ADDRESS = 20;

    private static final Duration FIRST_DELAY = Duration.ofSeconds(1);
    private static final Duration LONGEST_DELAY = Duration.ofMinutes(1);
    private static final Duration REMEMBERED = Duration.ofHours(1);
    /** No sooner than the longest delay ends, or guessing would be faster for it. */
    private static final Duration FADING = LONGEST_DELAY;
    private static final String ONE = "one";
    private static final String ALL = "all";

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

    /** Begins a try at an account from an address; one that has to wait for any of them counts against none. */
    Duration begin(String address, String client, String user) {
        Duration wait = begin(address);
        if (!wait.isZero()) {
            return wait;
        }
        wait = begin(keys.userFailures(client, user, address), FREE_AT_ACCOUNT);
        if (!wait.isZero()) {
            forgive(keys.addressFailures(address), ONE);
            return wait;
        }
        wait = begin(keys.userFailures(client, user), FREE_OF_ACCOUNT);
        if (!wait.isZero()) {
            forgive(keys.userFailures(client, user, address), ONE);
            forgive(keys.addressFailures(address), ONE);
        }
        return wait;
    }

    private Duration begin(String key, int free) {
        Reply reply = redis.eval(BEGIN, List.of(key), Args.of().add(free).add(FIRST_DELAY.toMillis()).add(LONGEST_DELAY.toMillis())
                .add(REMEMBERED.toMillis()).add(FADING.toMillis()).list());
        return reply.word().equals("WAIT") ? Duration.ofMillis(reply.number(1)) : Duration.ZERO;
    }

    /**
     * Takes a try back that was right: the account's failures are forgotten, and of the address's this one. Were all of those, whoever has
     * one account could guess at others without end.
     */
    void succeeded(String address, String client, String user) {
        forgive(keys.addressFailures(address), ONE);
        forgive(keys.userFailures(client, user, address), ALL);
        forgive(keys.userFailures(client, user), ALL);
    }

    /** Takes a try back that came to nothing. */
    void abandoned(String address, String client, String user) {
        forgive(keys.addressFailures(address), ONE);
        forgive(keys.userFailures(client, user, address), ONE);
        forgive(keys.userFailures(client, user), ONE);
    }

    private void forgive(String key, String which) {
        redis.eval(FORGIVE, List.of(key), Args.of(which).list());
    }
}
