package dev.millrace.processor.engine;

import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The scripts by which members of one group agree on who works what, and read what is theirs. */
final class Coordination {
    private static final Script HEARTBEAT = Script.load(Coordination.class, "heartbeat");
    private static final Script LEAVE = Script.load(Coordination.class, "leave");
    private static final Script CLAIM = Script.load(Coordination.class, "claim");
    private static final Script RENEW = Script.load(Coordination.class, "renew");
    private static final Script RELEASE = Script.load(Coordination.class, "release");
    private static final Script READ = Script.load(Coordination.class, "read");
    private static final Script UNFINISHED = Script.load(Coordination.class, "unfinished");

    private final Redis redis;
    private final Keyspace keys;
    private final Feed feed;
    private final String member;
    private final Duration ttl;

    Coordination(Redis redis, Keyspace keys, Feed feed, String member, Duration ttl) {
        this.redis = redis;
        this.keys = keys;
        this.feed = feed;
        this.member = member;
        this.ttl = ttl;
    }

    /** Says that this member lives, and answers all that do. */
    List<String> heartbeat() {
        Reply reply = redis.eval(HEARTBEAT, List.of(keys.members(feed.group())), Args.of(member).add(ttl.toMillis()).list());
        List<String> members = new ArrayList<>();
        for (int i = 1; i < reply.size(); i++) {
            members.add(reply.text(i));
        }
        return members;
    }

    void leave() {
        redis.eval(LEAVE, List.of(keys.members(feed.group())), Args.of(member).list());
    }

    /** Asks for a partition; {@code minEpoch} is 0 unless something has seen a higher epoch than the lease knows. */
    CompletionStage<ClaimResult> claim(int partition, long minEpoch) {
        List<String> scriptKeys = new ArrayList<>(List.of(lease(partition)));
        scriptKeys.addAll(feed.streams().apply(partition));
        return redis
                .evalAsync(CLAIM, scriptKeys, Args.of(member).add(ttl.toMillis()).add(feed.group()).add(minEpoch).list())
                .thenApply(reply -> switch (reply.word()) {
                    case "CLAIMED" -> {
                        List<StreamId> last = new ArrayList<>();
                        for (int i = 2; i < reply.size(); i++) {
                            last.add(StreamId.parse(reply.text(i)));
                        }
                        yield new ClaimResult.Claimed(new Lease(partition, member, reply.number(1)), last);
                    }
                    case "HELD" -> new ClaimResult.Held(reply.text(1), Duration.ofMillis(reply.number(2)));
                    default -> throw unexpected(CLAIM, reply);
                });
    }

    /** Lengthens a lease; false if it is another's now. */
    CompletionStage<Boolean> renew(Lease lease) {
        return redis.evalAsync(RENEW, List.of(lease(lease.partition())), fence(lease).add(ttl.toMillis()).list())
                .thenApply(reply -> switch (reply.word()) {
                    case "RENEWED" -> true;
                    case "FENCED" -> false;
                    default -> throw unexpected(RENEW, reply);
                });
    }

    /** Through which connection a partition is worked: another one may lead to a Redis that knows less. */
    long connection(int partition) {
        return redis.connectionFor(lease(partition));
    }

    /** Gives a lease back, if it is still ours. */
    void release(Lease lease) {
        redis.eval(RELEASE, List.of(lease(lease.partition())), fence(lease).list());
    }

    /**
     * Reads what comes after {@code lastDelivered}, an id for each stream.
     *
     * @throws FencedException if the lease is another's
     */
    ReadResult read(Lease lease, List<StreamId> lastDelivered, int count) {
        int partition = lease.partition();
        List<String> scriptKeys = new ArrayList<>(List.of(lease(partition), keys.depth(partition), keys.changes(partition)));
        scriptKeys.addAll(feed.streams().apply(partition));
        Args args = fence(lease).add(feed.group()).add(Keyspace.CONSUMER).add(count).add(Keyspace.DEPTH_UNPERSISTED)
                .add(feed.unpersistedMax());
        for (int stream = 0; stream < lastDelivered.size(); stream++) {
            args.add(lastDelivered.get(stream).toString()).add(feed.weights().get(stream));
        }
        Reply reply = redis.eval(READ, scriptKeys, args.list());
        return switch (reply.word()) {
            case "ENTRIES" -> {
                List<StreamEntry> entries = new ArrayList<>();
                for (int stream = 0; stream + 1 < reply.size(); stream++) {
                    addEntries(entries, stream, reply.list(stream + 1));
                }
                yield new ReadResult.Entries(entries);
            }
            case "FENCED" -> throw new FencedException(lease);
            case "GAP" -> new ReadResult.Gap((int) reply.number(1), StreamId.parse(reply.text(2)));
            case "NOGROUP" -> new ReadResult.NoGroup((int) reply.number(1));
            case "FULL" -> new ReadResult.Full();
            default -> throw unexpected(READ, reply);
        };
    }

    /**
     * Lists what of a stream was delivered after an id, up to the last one that was, and not finished.
     *
     * @throws FencedException if the lease is another's
     */
    Unfinished unfinished(Lease lease, int stream, StreamId after, StreamId lastDelivered, int count) {
        int partition = lease.partition();
        Reply reply = redis.eval(UNFINISHED, List.of(lease(partition), feed.streams().apply(partition).get(stream)),
                fence(lease).add(feed.group()).add(Keyspace.CONSUMER).add(after.toString()).add(count).add(lastDelivered.toString())
                        .list());
        return switch (reply.word()) {
            case "ENTRIES" -> {
                List<StreamEntry> entries = new ArrayList<>();
                addEntries(entries, stream, reply.list(1));
                yield new Unfinished(entries, (int) reply.number(2),
                        reply.text(3).isEmpty() ? Optional.empty() : Optional.of(StreamId.parse(reply.text(3))));
            }
            case "FENCED" -> throw new FencedException(lease);
            default -> throw unexpected(UNFINISHED, reply);
        };
    }

    private String lease(int partition) {
        return keys.lease(partition, feed.group());
    }

    private static Args fence(Lease lease) {
        return Args.of(lease.owner()).add(lease.epoch());
    }

    private static void addEntries(List<StreamEntry> entries, int stream, Reply list) {
        for (int i = 0; i < list.size(); i++) {
            Reply entry = list.list(i);
            entries.add(new StreamEntry(stream, StreamId.parse(entry.text(0)), entry.fields(1),
                    entry.size() > 2 ? (int) entry.number(2) : 1));
        }
    }

    private static IllegalStateException unexpected(Script script, Reply reply) {
        return new IllegalStateException(script.name() + ".lua answered " + reply.word());
    }
}
