package dev.millrace.ingest.json;

import dev.millrace.ingest.problem.InputError;
import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.schema.event.ScoreData;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads one JSON document (RFC 8259, UTF-8) in one pass. What is no JSON is {@code malformed-json}; what is JSON but not wanted is
 * {@code invalid-field} with its place: a name that comes twice, {@code \u0000} and lone surrogates (Postgres can't store them), numbers
 * that no double or 64-bit integer of ours holds, more than {@value #MAX_DEPTH} levels.
 */
public final class StrictJson {
    static final int MAX_DEPTH = 32;
    private static final int MAX_NUMBER_LENGTH = 64;
    private static final int MAX_NAME_LENGTH = 256;

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final JsonFactory json;

    /**
     * @param maxStringLength characters that one string may have
     */
    public StrictJson(int maxStringLength) {
        json = JsonFactory.builder().streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH)
                .maxNumberLength(MAX_NUMBER_LENGTH).maxNameLength(MAX_NAME_LENGTH).maxStringLength(maxStringLength).build()).build();
    }

    /**
     * Reads an object.
     *
     * @throws ProblemException if the body is no JSON, not wanted, or no object
     */
    public ObjectNode readObject(byte[] body) {
        return object(read(body));
    }

    /** The same of text, such as an item of {@link JsonItems}. */
    public ObjectNode readObject(CharBuffer text) {
        return object(read(text));
    }

    /** The same of bytes, such as a line of {@link JsonLines}. */
    public ObjectNode readObject(ByteBuffer body) {
        return object(read(decode(body)));
    }

    private static ObjectNode object(JsonNode node) {
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw invalid(Pointers.ROOT, "must be an object");
    }

    /**
     * Reads any value.
     *
     * @throws ProblemException if the body is no JSON, or not wanted
     */
    public JsonNode read(byte[] body) {
        return read(decode(ByteBuffer.wrap(body)));
    }

    private JsonNode read(CharBuffer text) {
        try (JsonParser in = json.createParser(ObjectReadContext.empty(), text.array(), text.arrayOffset() + text.position(),
                text.remaining())) {
            try {
                JsonToken first = in.nextToken();
                if (first == null) {
                    throw malformed("The body is empty.");
                }
                JsonNode root = value(in, first);
                if (in.nextToken() != null) {
                    throw malformed("The body goes on after the end of its JSON value, at " + place(in.currentTokenLocation()) + '.');
                }
                return root;
            } catch (StreamConstraintsException e) {
                throw invalid(here(in), "is nested too deep or too long: at most " + MAX_DEPTH + " levels, " + MAX_NAME_LENGTH
                        + " characters a name and " + MAX_NUMBER_LENGTH + " a number are read");
            } catch (JacksonException e) {
                throw new ProblemException(new Problem(ProblemType.MALFORMED_JSON, "The body is not valid JSON at " + place(e.getLocation())
                        + '.', List.of(InputError.at(here(in), "is not valid JSON")), null, null, List.of()));
            }
        }
    }

    private static JsonNode value(JsonParser in, @Nullable JsonToken token) {
        return switch (token) {
            case START_OBJECT -> object(in);
            case START_ARRAY -> array(in);
            case VALUE_STRING -> NODES.stringNode(checked(in, in.getString()));
            case VALUE_NUMBER_INT -> integer(in);
            case VALUE_NUMBER_FLOAT -> fraction(in);
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            case null, default -> throw malformed("The body is not valid JSON at " + place(in.currentLocation()) + '.');
        };
    }

    private static ObjectNode object(JsonParser in) {
        ObjectNode object = NODES.objectNode();
        while (in.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = checked(in, in.currentName());
            if (object.has(name)) {
                throw invalid(here(in), "comes twice");
            }
            object.set(name, value(in, in.nextToken()));
        }
        return object;
    }

    private static ArrayNode array(JsonParser in) {
        ArrayNode array = NODES.arrayNode();
        for (JsonToken token = in.nextToken(); token != JsonToken.END_ARRAY; token = in.nextToken()) {
            array.add(value(in, token));
        }
        return array;
    }

    private static JsonNode integer(JsonParser in) {
        if (in.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            long number = in.getLongValue();
            if (number >= -ScoreData.MAX_SCORE && number <= ScoreData.MAX_SCORE) {
                return NODES.numberNode(number);
            }
        }
        throw invalid(here(in), "must be within ±(2^53 - 1)");
    }

    private static JsonNode fraction(JsonParser in) {
        double number = in.getDoubleValue();
        if (Double.isFinite(number)) {
            return NODES.numberNode(number);
        }
        throw invalid(here(in), "is larger than any number that is held");
    }

    private static String checked(JsonParser in, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw invalid(here(in), "must not hold \\u0000");
            }
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c) || i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw invalid(here(in), "must not hold half of a surrogate pair");
                }
                i++;
            }
        }
        return text;
    }

    /** JSON between systems is UTF-8. The parser would also take UTF-16 and -32, and is lenient with bad UTF-8. */
    static CharBuffer decode(ByteBuffer body) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(body);
        } catch (CharacterCodingException e) {
            throw malformed("The body is not valid UTF-8.");
        }
    }

    private static String here(JsonParser in) {
        return Pointers.ROOT + Pointers.path(in.streamReadContext().pathAsPointer().toString());
    }

    static String place(@Nullable TokenStreamLocation location) {
        return location == null ? "its end" : "line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    private static ProblemException malformed(String detail) {
        return new ProblemException(ProblemType.MALFORMED_JSON, detail);
    }

    private static ProblemException invalid(String pointer, String detail) {
        return new ProblemException(ProblemType.INVALID_FIELD, InputError.at(pointer, detail));
    }
}
