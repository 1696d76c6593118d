package dev.millrace.processor.engine.lane;

import dev.millrace.processor.effect.EffectHandler;
import dev.millrace.processor.effect.HandlerContext;
import dev.millrace.processor.effect.OncePostgres;
import dev.millrace.processor.effect.Outcome;
import dev.millrace.processor.effect.SqlWork;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventIds;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.metric.Metric;
import dev.millrace.schema.settings.Policies;
import dev.millrace.schema.settings.Policy;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The effect handlers of this process and the places in which their tries run, shared by all partitions: as many at once of each type as its
 * policy says, each on a virtual thread that is interrupted at its deadline.
 */
public final class Effects implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Effects.class);
    /** How long a try may go on after it was interrupted, before others stop to wait for it. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Map<String, Kind> kinds = new HashMap<>();
    private final Solitude solitude = new Solitude();
    private final Map<Integer, Tried> tried = new ConcurrentHashMap<>();
    private final ScheduledExecutorService deadlines = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("try-deadlines").daemon().factory());
    private final AtomicInteger running = new AtomicInteger();
    private final EventIds ids;
    private final OncePostgres once;
    private final Clock clock;
    private final MeterRegistry registry;

    private record Kind(EffectHandler handler, Policy policy, Gate gate, Logger log) {}

    /**
     * Wires the handlers.
     *
     * @param policies what the deployment says of the policies of its types
     * @throws IllegalStateException if two handlers want the same type
     */
    public Effects(Collection<EffectHandler> handlers, Policies policies, EventIds ids, OncePostgres once, Clock clock,
            MeterRegistry registry) {
        this.ids = ids;
        this.once = once;
        this.clock = clock;
        this.registry = registry;
        for (EffectHandler handler : handlers) {
            Policy policy = policies.of(handler.type(), handler.policy());
            Kind kind = new Kind(handler, policy, new Gate(policy.concurrency()), LoggerFactory.getLogger(handler.getClass()));
            Kind other = kinds.put(handler.type(), kind);
            if (other != null) {
                throw new IllegalStateException("both " + other.handler().getClass().getName() + " and " + handler.getClass().getName()
                        + " handle events of type " + handler.type() + "; keep one");
            }
        }
        Metric.TRIES_RUNNING.gauge(registry, running::get);
    }

    boolean works(String type) {
        return kinds.containsKey(type);
    }

    Policy policy(String type) {
        Kind kind = kinds.get(type);
        return kind == null ? Policy.DEFAULT : kind.policy();
    }

    /** The tries of a partition, which outlive a lease as long as this process keeps or takes back the partition. */
    Tried of(int partition) {
        return tried.computeIfAbsent(partition, ignored -> new Tried());
    }

    /** Takes a place for a try of a type, or has {@code later} called when there may be one. */
    boolean enter(String type, boolean alone, Runnable later) {
        Gate gate = kind(type).gate();
        if (!gate.enter(later)) {
            return false;
        }
        if (alone ? solitude.beAlone(later) : solitude.joinOthers(later)) {
            return true;
        }
        gate.leave();
        return false;
    }

    /** Gives back a place that was not used. */
    void leave(String type, boolean alone) {
        solitude.leave(alone);
        kind(type).gate().leave();
    }

    /** Lets others have the free places of a type. */
    void passOn(String type) {
        kind(type).gate().passOn();
    }

    void forget(Runnable later) {
        kinds.values().forEach(kind -> kind.gate().forget(later));
        solitude.forget(later);
    }

    /** Begins a try for which a place was taken. */
    void begin(int partition, long epoch, Try begun) {
        Kind kind = kind(begun.event().event().type());
        Tried its = of(partition);
        its.begun(begun);
        running.incrementAndGet();
        Thread.ofVirtual().name("try-" + partition + '-' + begun.event().id()).start(() -> {
            begun.runsOn(Thread.currentThread());
            Duration time = kind.policy().deadline();
            ScheduledFuture<?> deadline = deadlines.schedule(begun::expire, time.toNanos(), TimeUnit.NANOSECONDS);
            ScheduledFuture<?> patience = deadlines.schedule(() -> giveUp(begun), time.plus(PATIENCE).toNanos(), TimeUnit.NANOSECONDS);
            Outcome outcome = run(kind, partition, epoch, begun);
            deadline.cancel(false);
            patience.cancel(false);
            running.decrementAndGet();
            count(kind, begun, outcome);
            if (begun.giveUp()) {
                solitude.leave(begun.alone());
            }
            kind.gate().leave();
            its.ended(begun, outcome);
        });
    }

    /** It keeps its lane and its place, but nobody who wants to be alone waits for it, nor a partition that is to go elsewhere. */
    private void giveUp(Try begun) {
        if (begun.giveUp()) {
            LOG.warn("try {} of event {} of type {} goes on {} s after its deadline, in spite of being interrupted", begun.attempt(),
                    begun.event().id(), begun.event().event().type(), PATIENCE.toSeconds());
            solitude.leave(begun.alone());
        }
    }

    // A handler is anybody's code: whatever it throws is an outcome, and must not end the lane.
    @SuppressWarnings("PMD.AvoidCatchingThrowable")
    private Outcome run(Kind kind, int partition, long epoch, Try begun) {
        try {
            Outcome outcome = kind.handler().handle(new Context(kind, partition, epoch, begun));
            return outcome == null ? Outcome.dead("its handler answered nothing") : outcome;
        } catch (Throwable failure) {
            if (begun.isOverdue()) {
                return Outcome.retry("not done within " + kind.policy().deadline().toMillis() + " ms");
            }
            kind.log().debug("try {} of {} failed", begun.attempt(), begun.event().id(), failure);
            String reason = oneLine(failure.toString());
            return kind.policy().isFatal(failure) ? Outcome.dead(reason) : Outcome.retry(reason);
        }
    }

    private void count(Kind kind, Try begun, Outcome outcome) {
        String word = switch (outcome) {
            case Outcome.Done() -> "done";
            case Outcome.Retry _ -> "retry";
            case Outcome.Dead _ -> "dead";
        };
        Metric.TRIES.counter(registry, kind.handler().type(), word).increment();
        Metric.TRY_TIME.timer(registry, kind.handler().type()).record(Math.max(0, clock.millis() - begun.begunAt().toEpochMilli()),
                TimeUnit.MILLISECONDS);
    }

    private Kind kind(String type) {
        Kind kind = kinds.get(type);
        if (kind == null) {
            throw new IllegalArgumentException("no handler for events of type " + type);
        }
        return kind;
    }

    static String oneLine(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }

    @Override
    public void close() {
        deadlines.shutdownNow();
    }

    private final class Context implements HandlerContext {
        private final Kind kind;
        private final int partition;
        private final long epoch;
        private final Try begun;

        Context(Kind kind, int partition, long epoch, Try begun) {
            this.kind = kind;
            this.partition = partition;
            this.epoch = epoch;
            this.begun = begun;
        }

        @Override
        public Event event() {
            return begun.event().event();
        }

        @Override
        public String eventId() {
            LaneEvent event = begun.event();
            return ids.encode(begun.lane().client(),
                    EventRef.of(partition, begun.lane().priority(), event.id(), event.event().origin()));
        }

        @Override
        public Instant acceptedAt() {
            return Instant.ofEpochMilli(begun.event().id().ms());
        }

        @Override
        public int attempt() {
            return begun.attempt();
        }

        @Override
        public Instant deadline() {
            return begun.begunAt().plus(kind.policy().deadline());
        }

        @Override
        public long epoch() {
            return epoch;
        }

        @Override
        public Logger logger() {
            return kind.log();
        }

        @Override
        public boolean onceInPostgres(SqlWork work) throws Exception {
            return once.run(eventId(), work);
        }
    }
}
