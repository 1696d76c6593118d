package dev.millrace.ingest.control;

import dev.millrace.ingest.read.FoundLetter;
import dev.millrace.schema.change.Tries;
import dev.millrace.schema.change.TriesCodec;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import dev.millrace.schema.settings.AdmissionSettings;
import dev.millrace.schema.settings.Durability;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Has dead events worked once more, under the ids that they have. One that has left its stream goes to the end of its lane, as if it were
 * accepted now, within the bounds of admission; one that holds its lane begins anew where it is.
 */
public final class Redrive {
    private static final Script REDRIVE = Script.load(Redrive.class, "redrive");

    private final Redis redis;
    private final Namespace namespace;
    private final AdmissionSettings bounds;
    private final DeadLetterAudit audit;
    private final Durability durability;

    /**
     * @param durability who must have an event before it is said to be redriven, which accepts it anew
     */
    public Redrive(Redis redis, Namespace namespace, AdmissionSettings bounds, DeadLetterAudit audit, Durability durability) {
        this.redis = redis;
        this.namespace = namespace;
        this.bounds = bounds;
        this.audit = audit;
        this.durability = durability;
    }

    /** What became of it. */
    public enum Result {
        REDRIVEN,
        /** The letter is not there any more: somebody else has redriven or discarded it. */
        GONE,
        /** Too many events wait in its partition; the letter stays. */
        QUEUE_FULL,
        /** Too many events wait in its lane; the letter stays. */
        LANE_FULL,
        /** Too many events of its client wait in its partition; the letter stays. */
        CLIENT_FULL;

        /** The word in JSON. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * Redrives one.
     *
     * @param data what its event is to have instead of its own, valid against its type's schema; null for its own
     * @param who does it
     * @throws RedisUnavailableException if Redis can't be asked; if the outcome is unknown, it may be redriven
     */
    public Result redrive(FoundLetter letter, @Nullable String data, String who) {
        EventRef ref = letter.ref();
        int partition = ref.partition();
        Keyspace keys = namespace.keys();
        String lane = letter.lane().map(Keyspace::laneDepth).orElse("");
        String client = letter.lane().map(Lane::client).map(Keyspace::clientDepth).orElse("");
        Args args = Args.of(Keyspace.deadField(ref), letter.entry().toString(), letter.lane().map(Keyspace::laneField).orElse(""), lane,
                client).add(bounds.queueMax()).add(bounds.laneMax()).add(bounds.clientMax()).add(ref.asOrigin().toString())
                .add(ref.priority().word()).add(data == null ? "" : TriesCodec.encode(Tries.edited(letter.death().id(), data)))
                .add(data == null ? "" : "1").add(data == null ? "" : data).add(Keyspace.PROCESSORS).add(Keyspace.CONSUMER)
                .add(Keyspace.redrivenMember(ref)).add(Keyspace.discardedMember(ref)).add(audit.remembered()).add(keys.bell())
                .add(keys.arrivals(Keyspace.PROCESSORS)).add(partition).add(DeadLetterAudit.ENTRIES)
                .addAll(audit.entry(letter, data == null ? "redrive" : "redrive-edited", who));
        Reply reply = redis.eval(REDRIVE, List.of(keys.dead(partition), keys.deadIndex(partition), keys.events(partition, ref.priority()),
                keys.tries(partition), keys.depth(partition), keys.moved(partition), keys.deadHandled(partition),
                keys.deadAudit(partition), keys.lease(partition, Keyspace.PROCESSORS)), args.list(), durability.replicas());
        Result result = switch (reply.word()) {
            case "REDRIVEN" -> Result.REDRIVEN;
            case "GONE" -> Result.GONE;
            case "QUEUE_FULL" -> Result.QUEUE_FULL;
            case "LANE_FULL" -> Result.LANE_FULL;
            case "CLIENT_FULL" -> Result.CLIENT_FULL;
            default -> throw new IllegalStateException("redrive.lua answered " + reply.word());
        };
        if (result == Result.REDRIVEN) {
            audit.log(letter, data == null ? "redriven" : "redriven with other data", who);
        }
        return result;
    }
}
