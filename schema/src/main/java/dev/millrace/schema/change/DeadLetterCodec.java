package dev.millrace.schema.change;

import dev.millrace.schema.change.DeadLetter.FailedAttempt;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Dead letters as fields of a stream entry: the event's own fields as {@link EventCodec} writes them, and
 *
 * <pre>
 * e  stream id while it was unfinished
 * p  priority
 * w  reason
 * a  when it died, in ms
 * n  attempts
 * h  failed attempts as JSON, [[at in ms, error], …]
 * </pre>
 */
public final class DeadLetterCodec {
    private static final JsonFactory JSON = new JsonFactory();

    private DeadLetterCodec() {}

    /** Field names and values in turn, as XADD takes them. */
    public static List<byte[]> encode(DeadLetter letter) {
        List<byte[]> fields = new ArrayList<>(EventCodec.encode(letter.event()));
        addEnd(fields, letter.id(), letter.event().lane().priority(), letter.reason(), letter.diedAt(), letter.attempts(), letter.errors());
        return fields;
    }

    /** The same for an entry that does not read as an event: its fields are kept as they were found. */
    public static List<byte[]> encodeUnreadable(StreamId id, Priority priority, Map<String, byte[]> found, String reason, Instant diedAt) {
        List<byte[]> fields = new ArrayList<>();
        found.forEach((name, value) -> {
            fields.add(bytes(name));
            fields.add(value);
        });
        addEnd(fields, id, priority, reason, diedAt, 1, List.of());
        return fields;
    }

    private static void addEnd(List<byte[]> fields, StreamId id, Priority priority, String reason, Instant diedAt, int attempts,
            List<FailedAttempt> errors) {
        add(fields, "e", id.toString());
        add(fields, "p", priority.word());
        add(fields, "w", reason);
        add(fields, "a", Long.toString(diedAt.toEpochMilli()));
        add(fields, "n", Integer.toString(attempts));
        fields.add(bytes("h"));
        fields.add(errors(errors));
    }

    /**
     * Reads {@link #encode}.
     *
     * @throws MalformedEntryException if the entry has another form or a newer format
     */
    public static DeadLetter decode(Map<String, byte[]> fields) throws MalformedEntryException {
        Death death = death(fields);
        return new DeadLetter(death.id(), EventCodec.decode(death.priority(), fields), death.reason(), death.diedAt(), death.attempts(),
                death.errors());
    }

    /**
     * Reads of a letter what is there even where its event does not read.
     *
     * @throws MalformedEntryException if the entry is no dead letter
     */
    public static Death death(Map<String, byte[]> fields) throws MalformedEntryException {
        try {
            return new Death(StreamId.parse(text(fields, "e")), Priority.valueOf(text(fields, "p").toUpperCase(Locale.ROOT)),
                    text(fields, "w"), Instant.ofEpochMilli(Long.parseLong(text(fields, "a"))), Integer.parseInt(text(fields, "n")),
                    errors(text(fields, "h")));
        } catch (IllegalArgumentException e) {
            throw new MalformedEntryException("dead letter does not read: " + e.getMessage(), e);
        }
    }

    /** A history as JSON, {@code [[at in ms, error], …]}. */
    static byte[] errors(List<FailedAttempt> errors) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            out.writeStartArray();
            for (FailedAttempt attempt : errors) {
                out.writeStartArray();
                out.writeNumber(attempt.at().toEpochMilli());
                out.writeString(attempt.error());
                out.writeEndArray();
            }
            out.writeEndArray();
        }
        return bytes.toByteArray();
    }

    /** Reads the other {@code errors}. */
    static List<FailedAttempt> errors(String json) throws MalformedEntryException {
        List<FailedAttempt> errors = new ArrayList<>();
        try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), json)) {
            expect(in, JsonToken.START_ARRAY);
            JsonToken token = in.nextToken();
            while (token == JsonToken.START_ARRAY) {
                expect(in, JsonToken.VALUE_NUMBER_INT);
                Instant at = Instant.ofEpochMilli(in.getLongValue());
                expect(in, JsonToken.VALUE_STRING);
                errors.add(new FailedAttempt(at, in.getString()));
                expect(in, JsonToken.END_ARRAY);
                token = in.nextToken();
            }
            if (token != JsonToken.END_ARRAY || in.nextToken() != null) {
                throw new MalformedEntryException("dead letter with a bad history");
            }
        } catch (JacksonException e) {
            throw new MalformedEntryException("dead letter with a bad history: " + e.getOriginalMessage(), e);
        }
        return errors;
    }

    private static void expect(JsonParser in, JsonToken expected) throws MalformedEntryException {
        if (in.nextToken() != expected) {
            throw new MalformedEntryException("dead letter with a bad history");
        }
    }

    private static String text(Map<String, byte[]> fields, String name) throws MalformedEntryException {
        byte[] value = fields.get(name);
        if (value == null) {
            throw new MalformedEntryException("dead letter without field " + name);
        }
        return new String(value, StandardCharsets.UTF_8);
    }

    private static void add(List<byte[]> fields, String name, String value) {
        fields.add(bytes(name));
        fields.add(bytes(value));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
