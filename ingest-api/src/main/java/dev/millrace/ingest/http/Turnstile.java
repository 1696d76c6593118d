package dev.millrace.ingest.http;

import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.limit.ClientAddress;
import dev.millrace.ingest.limit.Limiter;
import dev.millrace.ingest.limit.Limiter.Asked;
import dev.millrace.ingest.limit.Limiter.WhileAway;
import dev.millrace.ingest.limit.Ruling;
import dev.millrace.ingest.limit.Ruling.Standing;
import dev.millrace.ingest.limit.Tiers;
import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.schema.event.Names;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.redis.RedisUnavailableException;
import io.javalin.http.Context;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Holds requests to the limits: of their address before it is known who calls, and of their caller before anything is done for it. */
final class Turnstile {
    private static final Duration SOON = Duration.ofSeconds(1);
    /** The query parameter that names one. */
    static final String REGION = "region";
    private static final String STANDING = "millrace-standing";

    private final Limiter limiter;
    private final Tiers tiers;
    private final ClientAddress addresses;
    private final LimitHeaders headers;

    Turnstile(Limiter limiter, Tiers tiers, ClientAddress addresses, LimitHeaders headers) {
        this.limiter = limiter;
        this.tiers = tiers;
        this.addresses = addresses;
        this.headers = headers;
    }

    /**
     * Counts a request by its address.
     *
     * @throws ProblemException if that has no request left
     */
    void passAddress(Context ctx, Operation operation) {
        if (operation.limited() && limiter.checksAddresses(operation.word())) {
            pass(ctx, operation, () -> limiter.check(address(ctx), operation.word(), whileAway(operation)));
        }
    }

    /**
     * Counts a request by who the door has let in.
     *
     * @throws ProblemException if they have no request left
     */
    void passCaller(Context ctx, Operation operation) {
        if (!operation.limited() || operation.access() == Access.ANYONE) {
            return;
        }
        @Nullable Asked asked = switch (Door.caller(ctx)) {
            case Caller.Admin _ -> null;
            case Caller.Client client -> new Asked(client.client(), client.tier(), null, operation.word(), region(ctx, operation));
            case Caller.User user ->
                new Asked(user.client(), tiers.of(user.client()), user.user(), operation.word(), region(ctx, operation));
        };
        if (asked != null) {
            ctx.attribute(STANDING, limiter.standing(asked.tier()));
            pass(ctx, operation, () -> limiter.check(asked, whileAway(operation)));
        }
    }

    /** How the client that called stands to others where there is not room for all. */
    static Priority standing(Context ctx) {
        return Objects.requireNonNull(ctx.attribute(STANDING), "the operation is for clients");
    }

    /** Where a request comes from. */
    InetAddress address(Context ctx) {
        InetAddress peer = ClientAddress.literal(ctx.req().getRemoteAddr().replace("[", "").replace("]", ""))
                .orElseGet(InetAddress::getLoopbackAddress);
        return addresses.trusts(peer) ? addresses.of(peer, Collections.list(ctx.req().getHeaders("X-Forwarded-For")),
                Collections.list(ctx.req().getHeaders("Forwarded"))) : peer;
    }

    /** The same as far as addresses are told apart: who has an IPv6 address has a whole network of them. */
    String network(Context ctx) {
        return Limiter.network(address(ctx));
    }

    /** A check that may find Redis away. */
    @FunctionalInterface
    private interface Check {
        Ruling make();
    }

    private void pass(Context ctx, Operation operation, Check check) {
        Ruling ruling;
        try {
            ruling = check.make();
        } catch (RedisUnavailableException e) {
            Problem away = Problem.of(ProblemType.UNAVAILABLE, "Requests can't be counted: Redis does not answer.").retryAfter(SOON);
            throw new ProblemException(operation.appends() ? away.outcome(Problem.Outcome.NOT_APPENDED) : away);
        }
        headers.add(ctx, ruling);
        if (!ruling.granted()) {
            throw new ProblemException(refusal(ruling.violated()));
        }
    }

    private static Problem refusal(List<Standing> violated) {
        List<String> names = violated.stream().map(standing -> standing.rule().name()).toList();
        long seconds = violated.stream().mapToLong(Standing::waitSeconds).max().orElse(0);
        return Problem.of(ProblemType.QUOTA_EXCEEDED, "No request is left by " + String.join(", ", names) + '.').violatedPolicies(names)
                .retryAfter(Duration.ofSeconds(seconds));
    }

    /** Events are not let in past the limits; what only reads, or needs Redis anyway, goes on. */
    private static WhileAway whileAway(Operation operation) {
        return operation.appends() ? WhileAway.REFUSE : WhileAway.COUNT_LOCALLY;
    }

    /** Of boards, the region in the query. That of a score is in its body, which is not read yet. */
    private static @Nullable String region(Context ctx, Operation operation) {
        @Nullable String region = operation.query().contains(REGION) ? ctx.queryParam(REGION) : null;
        return region != null && Names.valid(region) ? region : null;
    }
}
