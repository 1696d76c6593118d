package dev.millrace.ingest.control;

import dev.millrace.schema.event.Lane;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import java.util.List;

/** Pauses and resumes lanes. A paused lane takes events as before and keeps them; work on them is begun when it is resumed. */
public final class LanePauses {
    private static final Script PAUSE = Script.load(LanePauses.class, "pause-lane");
    private static final Script RESUME = Script.load(LanePauses.class, "resume-lane");
    /** Lanes of one partition that may be paused. Pausing is for people, who have lost sight long before. */
    public static final int MAX = 1_000;
    /** So many of them may be of one client, so that none pauses others' chance to. */
    private static final int MAX_OF_CLIENT = MAX / 4;

    private final Redis redis;
    private final Namespace namespace;

    public LanePauses(Redis redis, Namespace namespace) {
        this.redis = redis;
        this.namespace = namespace;
    }

    /**
     * Pauses a lane, if it is not paused already.
     *
     * @return false if too many lanes of its partition are paused, or too many of its client's there
     * @throws RedisUnavailableException if Redis can't be asked; if the outcome is unknown, it may be paused
     */
    public boolean pause(Lane lane) {
        int partition = partition(lane);
        Keyspace keys = namespace.keys();
        Reply reply = redis.eval(PAUSE, List.of(keys.paused(partition)),
                Args.of(Keyspace.laneField(lane)).add(MAX).add(MAX_OF_CLIENT).add(keys.bell()).add(partition).list());
        return reply.word().equals("PAUSED");
    }

    /**
     * Lets a lane go on, if it is paused.
     *
     * @throws RedisUnavailableException if Redis can't be asked; if the outcome is unknown, it may go on
     */
    public void resume(Lane lane) {
        int partition = partition(lane);
        Keyspace keys = namespace.keys();
        redis.eval(RESUME, List.of(keys.paused(partition)), Args.of(Keyspace.laneField(lane)).add(keys.bell()).add(partition).list());
    }

    private int partition(Lane lane) {
        return namespace.partitions().of(lane.client(), lane.name());
    }
}
