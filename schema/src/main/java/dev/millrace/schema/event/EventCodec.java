package dev.millrace.schema.event;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Events as fields of a stream entry. Field names are one letter and always come in the same order, because Redis stores the names of an
 * entry only once per node when they repeat.
 *
 * <pre>
 * v  format version, now 1
 * t  type
 * c  client
 * l  lane name
 * d  data, compact JSON
 * i  the producer's id, only where it gave one
 * o  the {@link Origin}, only in entries that come from the schedule or were redriven
 * s  the {@link TraceParent}, only where the producer gave one
 * </pre>
 *
 * The priority is not a field: it is the stream's.
 */
public final class EventCodec {
    /** The version that is written; every version up to it is read. */
    public static final int VERSION = 1;

    private static final byte[] VERSION_BYTES = bytes(Integer.toString(VERSION));
    private static final byte[] V = bytes("v");
    private static final byte[] T = bytes("t");
    private static final byte[] C = bytes("c");
    private static final byte[] L = bytes("l");
    private static final byte[] D = bytes("d");
    private static final byte[] I = bytes("i");
    private static final byte[] O = bytes("o");
    private static final byte[] S = bytes("s");

    private EventCodec() {}

    /** Field names and values in turn, as XADD takes them. */
    public static List<byte[]> encode(Event event) {
        List<byte[]> fields = new ArrayList<>(16);
        add(fields, V, VERSION_BYTES);
        add(fields, T, bytes(event.type()));
        add(fields, C, bytes(event.lane().client()));
        add(fields, L, bytes(event.lane().name()));
        add(fields, D, bytes(event.data()));
        if (event.producerId() != null) {
            add(fields, I, bytes(event.producerId()));
        }
        if (event.trace() != null) {
            add(fields, S, bytes(event.trace().text()));
        }
        if (event.origin() != null) {
            add(fields, O, bytes(event.origin().toString()));
        }
        return fields;
    }

    /**
     * Reads {@link #encode}.
     *
     * @param priority the stream's
     * @throws MalformedEntryException if a field is missing or the version is unknown
     */
    public static Event decode(Priority priority, Map<String, byte[]> fields) throws MalformedEntryException {
        String version = required(fields, "v");
        if (!version.equals("1")) {
            throw new MalformedEntryException("event format " + version + " is newer than " + VERSION);
        }
        Lane lane;
        try {
            lane = new Lane(required(fields, "c"), required(fields, "l"), priority);
        } catch (IllegalArgumentException e) {
            throw new MalformedEntryException("event with a bad lane: " + e.getMessage(), e);
        }
        try {
            String origin = optional(fields, "o");
            String trace = optional(fields, "s");
            return new Event(lane, required(fields, "t"), required(fields, "d"), optional(fields, "i"),
                    origin == null ? null : Origin.parse(origin), trace == null ? null : TraceParent.read(trace).orElse(null));
        } catch (IllegalArgumentException e) {
            throw new MalformedEntryException("event with a bad origin: " + e.getMessage(), e);
        }
    }

    /**
     * The lane of an entry, also of one whose rest {@link #decode} can't read; empty if it names none.
     *
     * @param priority the stream's
     */
    public static Optional<Lane> lane(Priority priority, Map<String, byte[]> fields) {
        String client = optional(fields, "c");
        String name = optional(fields, "l");
        return client != null && name != null && Names.valid(client) && Names.valid(name)
                ? Optional.of(new Lane(client, name, priority))
                : Optional.empty();
    }

    /** The origin of an entry, also of one whose rest {@link #decode} can't read; empty if it names none. */
    public static Optional<Origin> origin(Map<String, byte[]> fields) {
        String origin = optional(fields, "o");
        try {
            return origin == null ? Optional.empty() : Optional.of(Origin.parse(origin));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static void add(List<byte[]> fields, byte[] name, byte[] value) {
        fields.add(name);
        fields.add(value);
    }

    private static String required(Map<String, byte[]> fields, String name) throws MalformedEntryException {
        byte[] value = fields.get(name);
        if (value == null) {
            throw new MalformedEntryException("event without field " + name);
        }
        return new String(value, StandardCharsets.UTF_8);
    }

    private static @Nullable String optional(Map<String, byte[]> fields, String name) {
        byte[] value = fields.get(name);
        return value == null ? null : new String(value, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
