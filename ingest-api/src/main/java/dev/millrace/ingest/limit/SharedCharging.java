package dev.millrace.ingest.limit;

import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests that are charged to the same buckets share calls: while one call is under way, those that come gather for the next. The
 * script counts them one after the other in the order in which they came, so sharing changes nothing but the number of calls. A request
 * waits for one call at most before its own; where nobody else comes, for none.
 */
final class SharedCharging {
    private final Redis redis;
    private final Charging charging;
    private final Map<Buckets, Line> lines = new ConcurrentHashMap<>();

    SharedCharging(Redis redis, Charging charging) {
        this.redis = redis;
        this.charging = charging;
    }

    /** The requests that wait while a call for the same buckets is under way; read and changed only within {@code lines.compute}. */
    private static final class Line {
        private Call waiting = new Call();
    }

    /** Requests that go together. */
    private static final class Call {
        private final CompletableFuture<Charged> outcome = new CompletableFuture<>();
        private int requests;
    }

    /** A request's place in a call. */
    private record Place(Line line, Call call, int number, boolean leads) {
        static Place in(Line line, Call call, boolean leads) {
            call.requests++;
            return new Place(line, call, call.requests - 1, leads);
        }
    }

    /**
     * Charges one request and waits for what becomes of it.
     *
     * @throws RedisUnavailableException if Redis is away or did not answer in time
     */
    Ruling charge(Buckets buckets) {
        Place place = join(buckets);
        if (place.leads()) {
            send(buckets, place.line(), place.call());
        }
        try {
            return redis.await(place.call().outcome).of(buckets, place.number());
        } catch (RedisUnavailableException e) {
            if (!place.call().outcome.isDone()) {
                breakUp(buckets, place.line());
            }
            throw e;
        }
    }

    private Place join(Buckets buckets) {
        @Nullable Place[] taken = new Place[1];
        lines.compute(buckets, (_, there) -> {
            Line line = there == null ? new Line() : there;
            taken[0] = there == null ? Place.in(line, new Call(), true) : Place.in(line, line.waiting, false);
            return line;
        });
        return Objects.requireNonNull(taken[0]);
    }

    private void send(Buckets buckets, Line line, Call call) {
        var _ = charging.charge(buckets, call.requests).whenComplete((charged, failure) -> {
            if (failure == null) {
                call.outcome.complete(charged);
            } else {
                call.outcome.completeExceptionally(
                        failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure);
            }
            sendNext(buckets, line);
        });
    }

    private void sendNext(Buckets buckets, Line line) {
        @Nullable Call[] next = new Call[1];
        lines.compute(buckets, (_, there) -> {
            if (line.waiting.requests == 0) {
                return there == line ? null : there;
            }
            next[0] = line.waiting;
            line.waiting = new Call();
            return there;
        });
        if (next[0] != null) {
            send(buckets, line, next[0]);
        }
    }

    /** Sends those who wait behind a call that is not answered away, because it may never be. */
    private void breakUp(Buckets buckets, Line line) {
        @Nullable Call[] left = new Call[1];
        lines.compute(buckets, (_, there) -> {
            left[0] = line.waiting;
            line.waiting = new Call();
            return there == line ? null : there;
        });
        if (left[0] != null) {
            left[0].outcome.completeExceptionally(new RedisUnavailableException("Redis is away"));
        }
    }
}
