package dev.millrace.ingest.limit;

import dev.millrace.ingest.limit.Charged.Level;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Charges requests to their buckets in Redis, so that all processes count as one, by the Redis clock. */
final class Charging {
    private static final Script CHARGE = Script.load(Charging.class, "charge");

    private final Redis redis;

    Charging(Redis redis) {
        this.redis = redis;
    }

    /** Charges this many requests in one call; the stage fails like {@link Redis#evalAsync}. */
    CompletionStage<Charged> charge(Buckets buckets, int requests) {
        Args args = Args.of(Integer.toString(requests));
        buckets.rules().forEach(rule -> args.addAll(rule.args()));
        return redis.evalAsync(CHARGE, buckets.keys(), args.list()).thenApply(reply -> charged(reply, buckets.keys().size()));
    }

    private static Charged charged(Reply reply, int buckets) {
        List<Level> levels = new ArrayList<>(buckets);
        for (int i = 0; i < buckets; i++) {
            levels.add(new Level(reply.number(3 + 2 * i), reply.number(4 + 2 * i)));
        }
        return new Charged((int) reply.number(1), reply.number(2), levels);
    }
}
