package dev.millrace.ingest.read;

import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Who did what with dead letters, as far as partitions remember: the last thousand of each. */
public final class AuditTrail {
    private static final Script AUDIT = Script.load(AuditTrail.class, "audit");
    private static final String LATEST = "+";
    /** Partitions that are asked at once, so that events get their turn in between. */
    private static final int AT_ONCE = 16;
    /** What is told of one letter. */
    private static final int OF_ONE = 50;

    private final Redis redis;
    private final Namespace namespace;

    public AuditTrail(Redis redis, Namespace namespace) {
        this.redis = redis;
        this.namespace = namespace;
    }

    /**
     * A stretch of it, latest first.
     *
     * @param next where the next stretch begins; null if there is none
     */
    public record Page(List<AuditEntry> items, @Nullable String next) {
        public Page {
            items = List.copyOf(items);
        }
    }

    /** Where an entry stands among all: the latest first, and those of one moment by partition. */
    public record Place(StreamId id, int partition) {
        private static final Comparator<Place> ORDER = Comparator.comparing(Place::id, Comparator.reverseOrder())
                .thenComparingInt(Place::partition);

        /** Reads what {@link Page#next} gave; empty if it is none of ours. */
        public static Optional<Place> decode(String cursor) {
            try {
                String[] parts = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.US_ASCII).split("/", -1);
                return parts.length == 2 ? Optional.of(new Place(StreamId.parse(parts[0]), Integer.parseInt(parts[1]))) : Optional.empty();
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }

        String encode() {
            return Base64.getUrlEncoder().withoutPadding().encodeToString((id + "/" + partition).getBytes(StandardCharsets.US_ASCII));
        }

        /** Where a partition goes on behind this place. */
        String from(int other) {
            return other > partition ? id.toString() : "(" + id;
        }
    }

    private record Found(Place place, AuditEntry entry) {}

    /**
     * What was done, latest first.
     *
     * @param client with whose letters; null for anybody's
     * @param after behind which place; null for the beginning
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public Page page(@Nullable String client, @Nullable Place after, int limit) {
        List<Found> found = new ArrayList<>();
        int partitions = namespace.partitions().count();
        for (int first = 0; first < partitions; first += AT_ONCE) {
            List<CompletionStage<Reply>> replies = new ArrayList<>();
            for (int partition = first; partition < Math.min(first + AT_ONCE, partitions); partition++) {
                replies.add(ask(partition, after == null ? LATEST : after.from(partition), limit + 1, client == null ? "" : client, ""));
            }
            for (int n = 0; n < replies.size(); n++) {
                found.addAll(read(first + n, redis.await(replies.get(n))));
            }
            // Only the latest of what has come so far can be on the page.
            found.sort(Comparator.comparing(Found::place, Place.ORDER));
            found.subList(Math.min(found.size(), limit + 1), found.size()).clear();
        }
        List<Found> page = found.subList(0, Math.min(found.size(), limit));
        return new Page(page.stream().map(Found::entry).toList(), found.size() > limit ? page.getLast().place().encode() : null);
    }

    /**
     * What was done with the letters of one event before, latest first.
     *
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public List<AuditEntry> of(EventRef ref, String eventId) {
        return read(ref.partition(), redis.await(ask(ref.partition(), LATEST, OF_ONE, "", eventId))).stream().map(Found::entry).toList();
    }

    private CompletionStage<Reply> ask(int partition, String from, int most, String client, String event) {
        return redis.evalAsync(AUDIT, List.of(namespace.keys().deadAudit(partition)),
                Args.of(from).add(most).add(client).add(event).list());
    }

    private static List<Found> read(int partition, Reply reply) {
        List<Found> found = new ArrayList<>();
        for (int item = 1; item + 1 < reply.size(); item += 2) {
            StreamId id = StreamId.parse(reply.text(item));
            Map<String, byte[]> fields = reply.fields(item + 1);
            found.add(new Found(new Place(id, partition), new AuditEntry(id.time(), text(fields, "by"), text(fields, "did"),
                    text(fields, "event"), nullIfEmpty(text(fields, "client")), nullIfEmpty(text(fields, "lane")),
                    text(fields, "reason"))));
        }
        return found;
    }

    private static String text(Map<String, byte[]> fields, String name) {
        byte @Nullable [] value = fields.get(name);
        return value == null ? "" : new String(value, StandardCharsets.UTF_8);
    }

    private static @Nullable String nullIfEmpty(String text) {
        return text.isEmpty() ? null : text;
    }
}
