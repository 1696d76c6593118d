package dev.millrace.ingest.limit;

import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Script;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Who sent how many requests, by route and minute, for a day; of all processes together. */
public final class Usages {
    /** How far one can look back. */
    public static final Duration KEPT_FOR = Duration.ofHours(24);

    /** The order in which they are listed: by client, the latest minute first. */
    private static final Comparator<Usage> ORDER = Comparator.comparing(Usage::client)
            .thenComparing(Usage::minute, Comparator.reverseOrder()).thenComparing(Usage::route);

    private static final Script COUNT = Script.load(Usages.class, "count-requests");
    private static final Script MARK = Script.load(Usages.class, "mark-clients");
    private static final long MINUTE = Duration.ofMinutes(1).toMillis();
    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static final String REQUESTS = "requests";
    private static final String LIMITED = "limited";
    private static final String REFUSED = "refused";
    private static final String FAILED = "failed";

    private final Redis redis;
    private final Keyspace keys;

    public Usages(Redis redis, Keyspace keys) {
        this.redis = redis;
        this.keys = keys;
    }

    private record Part(String client, long hour) {}

    /**
     * Adds requests of one client, all in the same hour.
     *
     * @throws RedisUnavailableException if Redis can't be asked
     */
    void add(List<Usage> usages) {
        Usage first = usages.getFirst();
        Part part = part(first);
        Args args = Args.of(Long.toString((part.hour() + 1) * HOUR + KEPT_FOR.toMillis()));
        for (Usage usage : usages) {
            String prefix = usage.minute().toEpochMilli() / MINUTE + "/" + usage.route() + '/';
            add(args, prefix + REQUESTS, usage.requests());
            add(args, prefix + LIMITED, usage.limited());
            add(args, prefix + REFUSED, usage.refused());
            add(args, prefix + FAILED, usage.failed());
        }
        redis.eval(COUNT, List.of(keys.usage(part.client(), part.hour())), args.list());
        redis.eval(MARK, List.of(keys.usageClients()), Args.of(part.client(), Long.toString(part.hour())).list());
    }

    private static void add(Args args, String field, long count) {
        if (count > 0) {
            args.add(field).add(count);
        }
    }

    /** Groups usages so that each group can be added in one step. */
    static List<List<Usage>> grouped(List<Usage> usages) {
        Map<Part, List<Usage>> groups = new HashMap<>();
        usages.forEach(usage -> groups.computeIfAbsent(part(usage), _ -> new ArrayList<>()).add(usage));
        return List.copyOf(groups.values());
    }

    private static Part part(Usage usage) {
        return new Part(usage.client(), usage.minute().toEpochMilli() / HOUR);
    }

    /**
     * What was sent, in {@link #ORDER}.
     *
     * @param client whose; null for all
     * @param since begin of the earliest minute
     * @param until in which minute the last one ends
     * @param after behind which place; null for the first
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public UsagePage page(@Nullable String client, Instant since, Instant until, @Nullable Usage after, int limit) {
        List<Usage> items = new ArrayList<>();
        for (String each : client == null ? clients(since) : List.of(client)) {
            if (after == null || each.compareTo(after.client()) >= 0) {
                of(each, since, until).filter(usage -> after == null || ORDER.compare(usage, after) > 0).limit(limit + 1L - items.size())
                        .forEach(items::add);
            }
            if (items.size() > limit) {
                List<Usage> page = items.subList(0, limit);
                return new UsagePage(page, UsagePage.cursor(page.getLast()));
            }
        }
        return new UsagePage(items, null);
    }

    private List<String> clients(Instant since) {
        long first = since.toEpochMilli() / HOUR;
        return redis.hgetall(keys.usageClients()).entrySet().stream().filter(entry -> number(entry.getValue()) >= first)
                .map(Map.Entry::getKey).sorted().toList();
    }

    private Stream<Usage> of(String client, Instant since, Instant until) {
        Map<String, Usage> found = new HashMap<>();
        for (long hour = since.toEpochMilli() / HOUR; hour <= until.toEpochMilli() / HOUR; hour++) {
            redis.hgetall(keys.usage(client, hour)).forEach((field, count) -> {
                String[] parts = field.split("/", 3);
                Instant minute = Instant.ofEpochMilli(Long.parseLong(parts[0]) * MINUTE);
                if (!minute.isBefore(since) && !minute.isAfter(until)) {
                    found.merge(parts[0] + '/' + parts[1], usage(minute, client, parts[1], parts[2], number(count)), Usage::plus);
                }
            });
        }
        return found.values().stream().sorted(ORDER);
    }

    private static Usage usage(Instant minute, String client, String route, String what, long count) {
        return new Usage(minute, client, route, what.equals(REQUESTS) ? count : 0, what.equals(LIMITED) ? count : 0,
                what.equals(REFUSED) ? count : 0, what.equals(FAILED) ? count : 0);
    }

    private static long number(byte[] text) {
        return Long.parseLong(new String(text, StandardCharsets.US_ASCII));
    }
}
