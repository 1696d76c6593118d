package dev.millrace.processor.effect;

import dev.millrace.schema.settings.Policy;

/**
 * Works the events of one type by doing something outside: sending, calling, writing elsewhere. Such work happens at least once; the event's
 * id is the key by which a receiver tells a repetition.
 */
public interface EffectHandler {
    /** The type of event that it works. */
    String type();

    /** How its failures are met where the settings say nothing else. */
    default Policy policy() {
        return Policy.DEFAULT;
    }

    /**
     * Makes one try, on a virtual thread that is interrupted at the deadline. Events of one lane come one after another, those of different
     * lanes at the same time.
     *
     * @throws Exception what counts as {@link Outcome.Retry}, unless the policy calls it fatal
     */
    Outcome handle(HandlerContext context) throws Exception;
}
