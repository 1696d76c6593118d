package dev.millrace.processor;

import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.processor.effect.EffectHandler;
import dev.millrace.processor.effect.OncePostgres;
import dev.millrace.schema.change.DeadLetter;
import dev.millrace.schema.change.DeadLetterCodec;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.ScoreOp;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.BoardMember;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.service.Service;
import dev.millrace.schema.settings.Settings;
import io.lettuce.core.Range;
import io.lettuce.core.ScoredValue;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** A namespace of a test's own: appends events as admission does, starts processors, and reads what became of it. */
final class Pipeline implements AutoCloseable {
    private final Settings settings;
    private final List<Service> started = new ArrayList<>();
    final Redis redis;
    final Namespace namespace;
    final Keyspace keys;

    Pipeline(RedisSpace space, Map<String, String> environment) {
        Map<String, String> all = new LinkedHashMap<>(environment);
        all.put("REDIS_URL", space.uri());
        all.put("MILLRACE_NAMESPACE", space.namespace());
        settings = Settings.read(all);
        redis = Redis.connect(settings.redis(), Duration.ofSeconds(5));
        namespace = Namespace.open(redis, new Keyspace(space.namespace()), settings.partitions());
        keys = namespace.keys();
    }

    Processor startProcessor() {
        Processor processor = new Processor(settings, new SimpleMeterRegistry());
        started.add(processor);
        processor.start();
        return processor;
    }

    Processor startProcessor(List<EffectHandler> handlers) {
        Processor processor = new Processor(settings, handlers, OncePostgres.none(), new SimpleMeterRegistry());
        started.add(processor);
        processor.start();
        return processor;
    }

    /** Appends score events in order, pipelined, and waits for all. */
    List<StreamId> post(List<Score> scores) {
        return append(scores.stream().map(score -> new Event(new Lane(score.client(), score.data().player(), Priority.NORMAL),
                score.op().type(), score.data().toJson(), null)).toList());
    }

    /** Appends events in order, pipelined, and waits for all. */
    List<StreamId> append(List<Event> events) {
        List<CompletionStage<String>> answers = new ArrayList<>();
        for (Event event : events) {
            Lane lane = event.lane();
            int partition = partition(lane);
            List<byte[]> fields = EventCodec.encode(event);
            Map<String, byte[]> body = new LinkedHashMap<>();
            for (int i = 0; i < fields.size(); i += 2) {
                body.put(new String(fields.get(i), StandardCharsets.UTF_8), fields.get(i + 1));
            }
            redis.command(keys.depth(partition), (commands, at) -> commands.hincrby(at, Keyspace.laneDepth(lane), 1));
            redis.command(keys.depth(partition), (commands, at) -> commands.hincrby(at, Keyspace.clientDepth(lane.client()), 1));
            answers.add(redis.command(keys.events(partition, lane.priority()), (commands, at) -> commands.xadd(at, body)));
        }
        return answers.stream().map(answer -> StreamId.parse(redis.await(answer))).toList();
    }

    int partition(Lane lane) {
        return namespace.partitions().of(lane.client(), lane.name());
    }

    /** The dead letters of a partition, oldest first. */
    List<DeadLetter> dead(int partition) {
        return redis.await(redis.command(keys.dead(partition), (commands, at) -> commands.xrange(at, Range.unbounded()))).stream()
                .map(message -> {
                    try {
                        return DeadLetterCodec.decode(message.getBody());
                    } catch (MalformedEntryException e) {
                        throw new AssertionError(e);
                    }
                }).toList();
    }

    long backlog() {
        long backlog = 0;
        for (int partition = 0; partition < namespace.partitions().count(); partition++) {
            int of = partition;
            backlog += redis.await(redis.command(keys.events(of, Priority.NORMAL), (commands, at) -> commands.xlen(at)));
        }
        return backlog;
    }

    /** Player to score, best first. */
    Map<String, Long> board(String client, String board, String region) {
        List<ScoredValue<byte[]>> ranked = redis
                .await(redis.command(keys.boardRanks(client, board, "all", region),
                        (commands, at) -> commands.zrangeWithScores(at, 0, -1)));
        Map<String, Long> scores = new LinkedHashMap<>();
        ranked.forEach(value -> scores.put(BoardMember.of(value.getValue()).player(), -(long) value.getScore()));
        return scores;
    }

    List<Map<String, byte[]>> changes(int partition) {
        return redis.await(redis.command(keys.changes(partition), (commands, at) -> commands.xrange(at, Range.unbounded()))).stream()
                .map(message -> message.getBody()).toList();
    }

    /** Partition to who holds its lease; free ones are missing. */
    Map<Integer, String> owners() {
        Map<Integer, String> owners = new LinkedHashMap<>();
        for (int partition = 0; partition < namespace.partitions().count(); partition++) {
            byte[] owner = redis.hgetall(keys.lease(partition, Keyspace.PROCESSORS)).get("owner");
            if (owner != null && owner.length > 0) {
                owners.put(partition, new String(owner, StandardCharsets.UTF_8));
            }
        }
        return owners;
    }

    @Override
    public void close() {
        started.forEach(service -> service.stop(Duration.ofSeconds(10)));
        redis.close();
    }

    /** A score event to be. */
    record Score(String client, ScoreOp op, ScoreData data) {}
}
