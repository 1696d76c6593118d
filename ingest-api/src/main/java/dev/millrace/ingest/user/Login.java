package dev.millrace.ingest.user;

import dev.millrace.ingest.user.Users.Account;
import dev.millrace.schema.metric.Metric;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Registers users and knows them again by their passwords. */
public final class Login {
    /** Which passwords are taken, as the end of a sentence. */
    public static final String PASSWORD_FORM = "must have " + Passwords.MIN_LENGTH + " to " + Passwords.MAX_LENGTH + " characters";

    private final Users users;
    private final Attempts attempts;
    private final Passwords passwords;
    private final MeterRegistry metrics;

    public Login(Redis redis, Keyspace keys, Users users, MeterRegistry metrics) {
        this(users, new Attempts(redis, keys), Passwords.onHalfOfTheProcessors(), metrics);
    }

    Login(Users users, Attempts attempts, Passwords passwords, MeterRegistry metrics) {
        this.users = users;
        this.attempts = attempts;
        this.passwords = passwords;
        this.metrics = metrics;
    }

    /** Whether a text may be a password. */
    public static boolean isPassword(String text) {
        return Passwords.fits(text);
    }

    /** What became of a try. */
    public sealed interface Result {
        /** Someone who may come in. */
        record Welcome(User user) implements Result {}

        /** No such user, or another password; which of them is not told. */
        record Refused() implements Result {}

        /** Too many tries failed; the next one may come after this time. */
        record Delayed(Duration forThis) implements Result {}

        /** There is a user of that id already. */
        record Taken() implements Result {}
    }

    /**
     * Tries a password. Takes as long for someone who is no user.
     *
     * @param address from which it is tried
     * @throws BusyException if too many passwords wait to be hashed
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public Result login(String client, String user, String password, String address) {
        Result result = attempt(client, user, password, address, _ -> true);
        count(switch (result) {
            case Result.Welcome _ -> "welcome";
            case Result.Delayed _ -> "delayed";
            default -> "refused";
        });
        return result;
    }

    /**
     * Gives a user another password.
     *
     * @param password the one until now; a wrong one is a failed try like any other
     * @param address from which it is tried
     * @throws BusyException if too many passwords wait to be hashed
     * @throws RedisUnavailableException if Redis can't be asked; if the outcome is unknown, either may be the password
     */
    public Result changePassword(String client, String user, String password, String other, String address) {
        return attempt(client, user, password, address,
                account -> users.changePassword(client, user, account.passwordHash(), passwords.hash(other)));
    }

    /**
     * Deletes a user who says so.
     *
     * @param address from which it is tried
     * @throws BusyException if too many passwords wait to be hashed
     * @throws RedisUnavailableException if Redis can't be asked; if the outcome is unknown, the user may be gone
     */
    public Result delete(String client, String user, String password, String address) {
        return attempt(client, user, password, address, account -> users.delete(client, user, account.passwordHash()));
    }

    /**
     * Deletes a user of whom somebody else says so.
     *
     * @return whether there was one
     * @throws RedisUnavailableException if Redis can't be asked; if the outcome is unknown, the user may be gone
     */
    public boolean delete(String client, String user) {
        return users.delete(client, user, null);
    }

    /** Does something for who knows the password; refused, too, where that can't be done because the account has just changed. */
    private Result attempt(String client, String user, String password, String address, Predicate<Account> then) {
        Duration wait = attempts.begin(address, client, user);
        if (wait.isPositive()) {
            return new Result.Delayed(wait);
        }
        @Nullable Account account = users.account(client, user).orElse(null);
        if (!isRight(password, account, () -> attempts.abandoned(address, client, user)) || account == null) {
            return new Result.Refused();
        }
        attempts.succeeded(address, client, user);
        return then.test(account) ? new Result.Welcome(account.user()) : new Result.Refused();
    }

    private boolean isRight(String password, @Nullable Account account, Runnable ifBusy) {
        try {
            return passwords.check(password, account == null ? null : account.passwordHash());
        } catch (BusyException e) {
            ifBusy.run();
            count("busy");
            throw e;
        }
    }

    private void count(String outcome) {
        Metric.LOGINS.counter(metrics, outcome).increment();
    }

    /**
     * Makes a user.
     *
     * @param address from which it comes, if it comes from just anyone. Each counts as a failure of the address, done or not: the answer
     *     says who is a user, and users take room
     * @throws BusyException if too many passwords wait to be hashed
     * @throws RedisUnavailableException if Redis can't be asked; if the outcome is unknown, the user may exist
     */
    public Result register(String client, String id, @Nullable String name, String password, @Nullable String address) {
        Duration wait = address == null ? Duration.ZERO : attempts.begin(address);
        if (wait.isPositive()) {
            return new Result.Delayed(wait);
        }
        if (users.find(client, id).isPresent()) {
            return new Result.Taken();
        }
        Optional<User> created = users.create(client, id, name, passwords.hash(password));
        return created.<Result>map(Result.Welcome::new).orElseGet(Result.Taken::new);
    }
}
