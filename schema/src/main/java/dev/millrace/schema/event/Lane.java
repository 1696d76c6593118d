package dev.millrace.schema.event;

/**
 * The ordering key: all events of a lane are worked strictly one after another.
 *
 * @param client who the lane belongs to
 * @param name its name within the client; the client's own id where a producer names none
 * @param priority lanes of equal names and different priorities are different lanes
 */
public record Lane(String client, String name, Priority priority) {
    public Lane {
        Names.check("client", client);
        Names.check("lane", name);
    }
}
