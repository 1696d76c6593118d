package dev.millrace.processor;

import dev.millrace.processor.effect.EffectHandler;
import dev.millrace.processor.effect.HandlerContext;
import dev.millrace.processor.effect.Outcome;
import dev.millrace.schema.settings.Policy;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A handler that notes each try and does what the test says. */
final class Recorder implements EffectHandler {
    private final String type;
    private final Policy policy;
    private final Does does;
    private final AtomicInteger now = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final ConcurrentLinkedQueue<Seen> seen = new ConcurrentLinkedQueue<>();

    /** What a try does. */
    @FunctionalInterface
    interface Does {
        Outcome handle(HandlerContext context) throws Exception;
    }

    /** A try that was made. */
    record Seen(String lane, String data, int attempt, String eventId) {}

    Recorder(String type, Policy policy, Does does) {
        this.type = type;
        this.policy = policy;
        this.does = does;
    }

    @Override
    public String type() {
        return type;
    }

    @Override
    public Policy policy() {
        return policy;
    }

    @Override
    public Outcome handle(HandlerContext context) throws Exception {
        most.accumulateAndGet(now.incrementAndGet(), Math::max);
        seen.add(new Seen(context.event().lane().name(), context.event().data(), context.attempt(), context.eventId()));
        try {
            return does.handle(context);
        } finally {
            now.decrementAndGet();
        }
    }

    /** All tries, in the order in which they began. */
    List<Seen> seen() {
        return List.copyOf(seen);
    }

    /** The data of the tries of a lane. */
    List<String> of(String lane) {
        return seen.stream().filter(one -> one.lane().equals(lane)).map(Seen::data).toList();
    }

    /** How many tries were under way at once, at most. */
    int most() {
        return most.get();
    }
}
