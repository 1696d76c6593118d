package dev.millrace.ingest.admission;

import dev.millrace.ingest.admission.AdmitResult.Accepted;
import dev.millrace.ingest.admission.AdmitResult.ClientFull;
import dev.millrace.ingest.admission.AdmitResult.Conflict;
import dev.millrace.ingest.admission.AdmitResult.DedupeFull;
import dev.millrace.ingest.admission.AdmitResult.LaneFull;
import dev.millrace.ingest.admission.AdmitResult.MemoryFull;
import dev.millrace.ingest.admission.AdmitResult.QueueFull;
import dev.millrace.ingest.admission.AdmitResult.Scheduled;
import dev.millrace.ingest.admission.AdmitResult.Unavailable;
import dev.millrace.ingest.admission.StreamBatch.Stream;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.metric.Metric;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import dev.millrace.schema.settings.AdmissionSettings;
import dev.millrace.schema.settings.Durability;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends events to their streams, or puts those that are due later into the schedule: once per key, only while there is room, and in the
 * caller's order within each lane.
 *
 * <p>The scripts that do it are where events enter. They have no {@code allow-oom}: when memory runs out, the door closes first,
 * so that what was let in can still be finished.
 */
public final class Admission {
    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);
    private static final Script ADMIT = Script.load(Admission.class, "admit");
    /** Bounds one script's run to a few milliseconds, because Redis does nothing else meanwhile. */
    private static final int EVENTS_A_CALL = 128;
    /** A second wrong guess takes a window that ends during the call, a third one a clock that jumps. */
    private static final int WRONG_GUESSES = 3;

    private final Redis redis;
    private final Namespace namespace;
    private final int replicas;
    private final DedupeWindows windows;
    private final AdmitArguments arguments;
    private final AcceptedIds ids;
    private final Scheduling scheduling;
    private final MeterRegistry metrics;
    private final DoubleSupplier memory;
    private final Timer time;
    private final Map<String, Counter> admitted = new ConcurrentHashMap<>();

    /** One for which an event is accepted when the master has it, and there is room for all until Redis itself refuses. */
    public Admission(Redis redis, Namespace namespace, AdmissionSettings settings, MeterRegistry metrics, InstantSource clock) {
        this(redis, namespace, settings, Durability.PRIMARY, metrics, clock, () -> Double.NaN);
    }

    /**
     * Wires it.
     *
     * @param durability who must have an event before it is accepted, also one that was accepted before
     * @param clock a first guess of Redis's; only its difference to it counts
     * @param memory how full Redis's memory is, 1 is full; not a number where that is not known
     */
    public Admission(Redis redis, Namespace namespace, AdmissionSettings settings, Durability durability, MeterRegistry metrics,
            InstantSource clock, DoubleSupplier memory) {
        this.redis = redis;
        this.namespace = namespace;
        this.replicas = durability.replicas();
        this.windows = new DedupeWindows(settings.dedupeWindow(), clock);
        this.arguments = new AdmitArguments(settings, replicas > 0);
        this.ids = new AcceptedIds(namespace.eventIds());
        this.scheduling = new Scheduling(redis, namespace, replicas, windows, arguments, ids);
        this.metrics = metrics;
        this.memory = memory;
        this.time = Metric.ADMIT_TIME.timer(metrics);
    }

    /** Lets one event in, or says why not. Waits no longer than Redis's time-out. */
    public AdmitResult admit(Event event) {
        return admit(new Posted(event));
    }

    /** The same for an event that may be due later. */
    public AdmitResult admit(Posted posted) {
        Due due = posted.due();
        Optional<AdmitResult> scheduled = due == null ? Optional.empty() : schedule(posted, due);
        return scheduled.orElseGet(() -> append(List.of(posted), new ClosedLanes()).getFirst());
    }

    /**
     * Lets events in, each by itself: one that is refused does not hold back those of other lanes. Streams are written side by side, each in
     * the order of the list. Once Redis is away, the rest is answered without being sent.
     *
     * @return a result for every event, in their order
     */
    public List<AdmitResult> admit(List<Event> events) {
        return append(events.stream().map(Posted::new).toList(), new ClosedLanes());
    }

    /** Begins to let the events of a request in, which may come chunk by chunk. */
    public BulkAdmission bulk() {
        return new BulkAdmission(this);
    }

    /** Schedules one event, or says why not; empty if it is due already, and nothing was done. */
    Optional<AdmitResult> schedule(Posted posted, Due due) {
        if (Shedding.sheds(memory.getAsDouble(), Shedding.standing(posted))) {
            return Optional.of(new MemoryFull());
        }
        Optional<AdmitResult> scheduled = scheduling.schedule(posted, due);
        if (scheduled.isPresent() && scheduled.get() instanceof Scheduled) {
            count(posted.event());
        }
        return scheduled;
    }

    /**
     * Appends events.
     *
     * @param closed lanes that take nothing more, to which those come that refuse one of these
     */
    List<AdmitResult> append(List<Posted> events, ClosedLanes closed) {
        shed(events, closed);
        @Nullable AdmitResult[] results = new AdmitResult[events.size()];
        List<StreamBatch> open = new ArrayList<>(byStream(events));
        while (!open.isEmpty()) {
            long start = System.nanoTime();
            List<Call> calls = new ArrayList<>(open.size());
            for (StreamBatch batch : open) {
                batch.refuse(closed, results);
                if (!batch.isDone()) {
                    calls.add(send(batch));
                }
            }
            await(calls);
            for (Call call : calls) {
                settle(call, results, closed);
            }
            time.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
            open.removeIf(StreamBatch::isDone);
        }
        List<AdmitResult> all = new ArrayList<>(results.length);
        for (AdmitResult result : results) {
            all.add(Objects.requireNonNull(result));
        }
        return all;
    }

    private void shed(List<Posted> events, ClosedLanes closed) {
        double fill = memory.getAsDouble();
        for (Posted posted : events) {
            if (Shedding.sheds(fill, Shedding.standing(posted))) {
                closed.note(posted.event().lane(), new MemoryFull());
            }
        }
    }

    /** A script that is under way with the next events of a batch. */
    private record Call(StreamBatch batch, List<Posted> events, CompletableFuture<Reply> reply) {}

    private Collection<StreamBatch> byStream(List<Posted> events) {
        Map<Stream, StreamBatch> batches = new LinkedHashMap<>();
        for (int place = 0; place < events.size(); place++) {
            Lane lane = events.get(place).event().lane();
            int partition = namespace.partitions().of(lane.client(), lane.name());
            batches.computeIfAbsent(new Stream(partition, lane.priority()), StreamBatch::new).add(events.get(place), place);
        }
        return batches.values();
    }

    private Call send(StreamBatch batch) {
        List<Posted> events = batch.next(EVENTS_A_CALL);
        Keyspace keys = namespace.keys();
        Stream stream = batch.stream();
        long window = windows.current();
        CompletionStage<Reply> reply = redis.evalAsync(ADMIT, List.of(keys.events(stream.partition(), stream.priority()),
                keys.depth(stream.partition()), keys.once(stream.partition(), window), keys.once(stream.partition(), window - 1),
                keys.lease(stream.partition(), Keyspace.PROCESSORS)),
                arguments.append(events, window, keys.arrivals(Keyspace.PROCESSORS), stream.partition()), replicas);
        return new Call(batch, events, reply.toCompletableFuture());
    }

    /** Waits for all of them together, because waiting for one after the other could take as many time-outs. */
    private void await(List<Call> calls) {
        try {
            redis.await(CompletableFuture.allOf(calls.stream().map(Call::reply).toArray(CompletableFuture[]::new)));
        } catch (RuntimeException e) {
            LOG.debug("not all of {} admissions were answered: {}", calls.size(), e.toString());
        }
    }

    private void settle(Call call, @Nullable AdmitResult[] results, ClosedLanes closed) {
        StreamBatch batch = call.batch();
        if (!call.reply().isDone()) {
            giveUp(call, new Unavailable(true), results, closed);
            return;
        }
        Reply reply;
        try {
            reply = redis.await(call.reply());
        } catch (RedisUnavailableException e) {
            giveUp(call, new Unavailable(e.outcomeUnknown()), results, closed);
            return;
        }
        if (reply.word().equals("BUCKET")) {
            windows.correct(reply.number(1));
            if (!batch.mayGuessAgain(WRONG_GUESSES)) {
                giveUp(call, new Unavailable(false), results, closed);
            }
            return;
        }
        for (int n = 0; n < call.events().size(); n++) {
            Event event = batch.event(n).event();
            AdmitResult result = result(batch.stream(), event, reply.text(1 + 2 * n), reply, 2 + 2 * n);
            results[batch.place(n)] = result;
            closed.note(event.lane(), result);
        }
        batch.answered(call.events().size());
    }

    /** Ends a batch: what was sent has this result, and what comes after it in the stream is not sent, so that nothing overtakes. */
    private static void giveUp(Call call, Unavailable sent, @Nullable AdmitResult[] results, ClosedLanes closed) {
        StreamBatch batch = call.batch();
        for (int n = 0; n < batch.left(); n++) {
            results[batch.place(n)] = n < call.events().size() ? sent : new Unavailable(false);
            closed.note(batch.event(n).event().lane(), sent);
        }
        batch.answered(batch.left());
    }

    private AdmitResult result(Stream stream, Event event, String word, Reply reply, int detail) {
        return switch (word) {
            case "ADDED" -> {
                count(event);
                yield new Accepted(ids.inStream(event.lane(), stream.partition(), reply.text(detail)), stream.partition());
            }
            case "REPLAYED" -> ids.replayed(event.lane(), stream.partition(), reply.text(detail));
            case "CONFLICT" -> new Conflict();
            case "QUEUE_FULL" -> new QueueFull();
            case "LANE_FULL" -> new LaneFull();
            case "CLIENT_FULL" -> new ClientFull();
            case "DEDUPE_FULL" -> new DedupeFull(Duration.ofMillis(reply.number(detail)));
            default -> throw new IllegalStateException("admit.lua answered " + word);
        };
    }

    private void count(Event event) {
        admitted.computeIfAbsent(event.type(), type -> Metric.ADMITTED.counter(metrics, type)).increment();
    }
}
