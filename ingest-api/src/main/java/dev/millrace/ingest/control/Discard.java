package dev.millrace.ingest.control;

import dev.millrace.ingest.read.FoundLetter;
import dev.millrace.schema.change.DeadLetter.FailedAttempt;
import dev.millrace.schema.change.Death;
import dev.millrace.schema.change.Tries;
import dev.millrace.schema.change.TriesCodec;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import dev.millrace.schema.settings.Durability;
import java.util.List;

/** Throws dead letters away. Their events stay dead; a lane that one of them holds goes on. */
public final class Discard {
    private static final Script DISCARD = Script.load(Discard.class, "discard");

    private final Redis redis;
    private final Namespace namespace;
    private final DeadLetterAudit audit;
    private final Durability durability;

    /**
     * @param durability who must know of it before it is said to be discarded
     */
    public Discard(Redis redis, Namespace namespace, DeadLetterAudit audit, Durability durability) {
        this.redis = redis;
        this.namespace = namespace;
        this.audit = audit;
        this.durability = durability;
    }

    /**
     * Discards one.
     *
     * @param who does it
     * @return false if it is not there any more: somebody else has redriven or discarded it
     * @throws RedisUnavailableException if Redis can't be asked; if the outcome is unknown, it may be discarded
     */
    public boolean discard(FoundLetter letter, String who) {
        EventRef ref = letter.ref();
        int partition = ref.partition();
        Keyspace keys = namespace.keys();
        Args args = Args.of(Keyspace.deadField(ref), letter.entry().toString(), letter.death().id().toString(),
                letter.lane().map(Keyspace::laneField).orElse(""), TriesCodec.encode(end(letter.death())), Keyspace.discardedMember(ref),
                Keyspace.redrivenMember(ref)).add(audit.remembered()).add(keys.bell()).add(partition).add(DeadLetterAudit.ENTRIES)
                .addAll(audit.entry(letter, "discard", who));
        Reply reply = redis.eval(DISCARD, List.of(keys.dead(partition), keys.deadIndex(partition), keys.events(partition, ref.priority()),
                keys.tries(partition), keys.deadHandled(partition), keys.deadAudit(partition)), args.list(), durability.replicas());
        boolean done = switch (reply.word()) {
            case "DISCARDED" -> true;
            case "GONE" -> false;
            default -> throw new IllegalStateException("discard.lua answered " + reply.word());
        };
        if (done) {
            audit.log(letter, "discarded", who);
        }
        return done;
    }

    /** What the owner needs to end an event that holds its lane, and to tell the books why. */
    private static Tries end(Death death) {
        return new Tries(death.id(), death.attempts(), 0, 0, Tries.State.DISCARDED, death.diedAt(),
                List.of(new FailedAttempt(death.diedAt(), death.reason())));
    }
}
