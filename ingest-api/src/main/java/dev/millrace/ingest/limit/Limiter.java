package dev.millrace.ingest.limit;

import dev.millrace.schema.event.Priority;
import dev.millrace.schema.metric.Metric;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.settings.LimitRule;
import dev.millrace.schema.settings.LimitRule.Scope;
import dev.millrace.schema.settings.Limits;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Holds requests to the rules: once by the address that they come from, once by who calls. */
public final class Limiter {
    /** Who has an IPv6 address has 2^64 of them. */
    private static final int IPV6_NETWORK_BYTES = 8;

    private final Keyspace keys;
    private final Limits limits;
    private final List<Rule> ofAddresses;
    private final List<Rule> ofClients;
    private final SharedCharging shared;
    private final LocalCharging local = new LocalCharging(System::nanoTime);
    private final Counter localChecks;

    public Limiter(Redis redis, Keyspace keys, Limits limits, MeterRegistry metrics) {
        this.keys = keys;
        this.limits = limits;
        this.ofAddresses = rules(limits, true);
        this.ofClients = rules(limits, false);
        this.shared = new SharedCharging(redis, new Charging(redis));
        this.localChecks = Metric.LIMITED_LOCALLY.counter(metrics);
    }

    private static List<Rule> rules(Limits limits, boolean ofAddresses) {
        return limits.rules().stream().filter(limit -> (limit.scope() == Scope.IP) == ofAddresses).map(Rule::of).toList();
    }

    /**
     * A request by someone who is known.
     *
     * @param client the client itself, or the one that the user belongs to
     * @param user who calls, if a person does
     * @param route what is called
     * @param region that the request names outside its body
     */
    public record Asked(String client, String tier, @Nullable String user, String route, @Nullable String region) {}

    /** What becomes of a request that can't be counted because Redis is away. */
    public enum WhileAway {
        /** It is counted by this process alone. */
        COUNT_LOCALLY,
        /** It is not let in. */
        REFUSE
    }

    /**
     * Charges a request to the rules of scope {@code ip}.
     *
     * @throws RedisUnavailableException if it can't be counted and is not to be let in then
     */
    public Ruling check(InetAddress address, String route, WhileAway whileAway) {
        List<Rule> rules = ofAddresses.stream().filter(rule -> rule.limit().isForRoute(route)).toList();
        if (rules.isEmpty()) {
            return Ruling.FREE;
        }
        String network = network(address);
        return charge(new Buckets(rules, rules.stream().map(rule -> keys.addressBucket(network, rule.bucket())).toList()), whileAway);
    }

    /** How clients of a tier stand to others where there is not room for all. */
    public Priority standing(String tier) {
        return limits.priorityOf(tier);
    }

    /** Whether a request to this route has to pass a rule of scope {@code ip}. */
    public boolean checksAddresses(String route) {
        return ofAddresses.stream().anyMatch(rule -> rule.limit().isForRoute(route));
    }

    /**
     * Charges a request to all other rules.
     *
     * @throws RedisUnavailableException if it can't be counted and is not to be let in then
     */
    public Ruling check(Asked asked, WhileAway whileAway) {
        List<Rule> rules = new ArrayList<>(ofClients.size());
        List<String> buckets = new ArrayList<>(ofClients.size());
        for (Rule rule : ofClients) {
            LimitRule limit = rule.limit();
            if (limit.isForRoute(asked.route()) && limit.isForTier(asked.tier(), limits.priorityOf(asked.tier()))) {
                @Nullable String part = part(limit.scope(), asked);
                if (part != null) {
                    rules.add(rule);
                    buckets.add(keys.clientBucket(asked.client(), part.isEmpty() ? rule.bucket() : rule.bucket() + '/' + part));
                }
            }
        }
        return rules.isEmpty() ? Ruling.FREE : charge(new Buckets(rules, buckets), whileAway);
    }

    /** Which of a client's buckets it is: empty for the only one, null for none. */
    private static @Nullable String part(Scope scope, Asked asked) {
        return switch (scope) {
            case CLIENT -> "";
            case USER -> asked.user();
            case ROUTE -> asked.route();
            case REGION -> asked.region();
            case IP -> null;
        };
    }

    private Ruling charge(Buckets buckets, WhileAway whileAway) {
        try {
            return shared.charge(buckets);
        } catch (RedisUnavailableException e) {
            if (whileAway == WhileAway.REFUSE) {
                throw e;
            }
            localChecks.increment();
            return local.charge(buckets);
        }
    }

    /** What addresses are told apart by: all of an IPv4 address, the network of an IPv6 address. */
    public static String network(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address.getHostAddress();
        }
        byte[] network = Arrays.copyOf(Arrays.copyOf(address.getAddress(), IPV6_NETWORK_BYTES), 2 * IPV6_NETWORK_BYTES);
        try {
            return InetAddress.getByAddress(network).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("16 bytes are an address", e);
        }
    }
}
