package dev.millrace.ingest.read;

import dev.millrace.schema.change.DeadLetterCodec;
import dev.millrace.schema.change.Death;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds dead letters: one by its event, or all that a filter means, partition by partition and the oldest first. */
public final class DeadLetters {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
    private static final Script FIND = Script.load(DeadLetters.class, "dead-letter");
    private static final Script LIST = Script.load(DeadLetters.class, "dead-letters");
    /** Bounds one script's run to a few milliseconds, because Redis does nothing else meanwhile. */
    private static final int LOOKED_AT_A_CALL = 500;
    /** Bounds one request where few of very many letters are meant. */
    private static final int LOOKED_AT_MAX = 20_000;

    private final Redis redis;
    private final Namespace namespace;

    public DeadLetters(Redis redis, Namespace namespace) {
        this.redis = redis;
        this.namespace = namespace;
    }

    /**
     * Part of a walk.
     *
     * @param letters without the data of their events; fewer than were asked for, or none, where others had to be passed by
     * @param next where the walk goes on, empty at its end
     */
    public record Stretch(List<FoundLetter> letters, Optional<DeadLetterCursor> next) {}

    /** Reads where a walk goes on; empty if it is no cursor of one. */
    public Optional<DeadLetterCursor> cursor(String text) {
        return DeadLetterCursor.decode(text, namespace.partitions().count());
    }

    /**
     * The dead letter of an event.
     *
     * @param client whose it must be; null for anybody's
     * @return empty if there is none, or it is another's
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public Optional<FoundLetter> find(@Nullable String client, String eventId) {
        Optional<EventRef> named = client == null ? namespace.eventIds().unproven(eventId) : namespace.eventIds().decode(client, eventId);
        return named.filter(ref -> ref.partition() < namespace.partitions().count()).flatMap(this::find)
                .filter(letter -> letter.eventId().equals(eventId));
    }

    private Optional<FoundLetter> find(EventRef ref) {
        int partition = ref.partition();
        Keyspace keys = namespace.keys();
        Reply reply = redis.eval(FIND, List.of(keys.deadIndex(partition), keys.dead(partition), keys.tries(partition)),
                Args.of(Keyspace.deadField(ref)).list());
        return switch (reply.word()) {
            case "LETTER" -> letter(partition, reply, 1);
            case "NONE" -> Optional.empty();
            default -> throw new IllegalStateException("dead-letter.lua answered " + reply.word());
        };
    }

    /**
     * Walks on through the letters that a filter means.
     *
     * @param limit how many at most
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public Stretch list(DeadLetterFilter filter, DeadLetterCursor from, int limit) {
        int end = namespace.partitions().count();
        int partition = from.partition();
        if (filter.client() != null && filter.lane() != null) {
            int only = namespace.partitions().of(filter.client(), filter.lane());
            partition = Math.max(partition, only);
            end = only + 1;
        }
        StreamId after = partition == from.partition() ? from.after() : StreamId.ZERO;
        List<FoundLetter> letters = new ArrayList<>();
        int looked = 0;
        while (partition < end) {
            if (letters.size() >= limit || looked >= LOOKED_AT_MAX) {
                return new Stretch(letters, Optional.of(new DeadLetterCursor(partition, after)));
            }
            Reply reply = look(partition, after, filter, limit - letters.size());
            for (int item = 4; item + 2 < reply.size(); item += 3) {
                letter(partition, reply, item).ifPresent(letters::add);
            }
            looked += (int) reply.number(2);
            boolean more = reply.number(3) == 1;
            after = more ? StreamId.parse(reply.text(1)) : StreamId.ZERO;
            partition += more ? 0 : 1;
        }
        return new Stretch(letters, Optional.empty());
    }

    private Reply look(int partition, StreamId after, DeadLetterFilter filter, int most) {
        Keyspace keys = namespace.keys();
        Args args = Args.of(after.equals(StreamId.ZERO) ? "" : after.toString()).add(LOOKED_AT_A_CALL).add(most);
        Reply reply = redis.eval(LIST, List.of(keys.dead(partition), keys.tries(partition)), filter.addTo(args).list());
        if (!reply.word().equals("LETTERS")) {
            throw new IllegalStateException("dead-letters.lua answered " + reply.word());
        }
        return reply;
    }

    /** Reads an entry, its fields and whether it holds its lane. */
    private Optional<FoundLetter> letter(int partition, Reply reply, int at) {
        Map<String, byte[]> fields = reply.fields(at + 1);
        try {
            Death death = DeadLetterCodec.death(fields);
            EventRef ref = EventRef.of(partition, death.priority(), death.id(), EventCodec.origin(fields).orElse(null));
            byte @Nullable [] client = fields.get("c");
            String id = namespace.eventIds().encode(client == null ? "" : new String(client, StandardCharsets.UTF_8), ref);
            return Optional.of(new FoundLetter(id, ref, StreamId.parse(reply.text(at)), death, reply.number(at + 2) == 1, fields));
        } catch (MalformedEntryException e) {
            LOG.warn("dead letter {} of partition {} does not read: {}", reply.text(at), partition, e.getMessage());
            return Optional.empty();
        }
    }
}
