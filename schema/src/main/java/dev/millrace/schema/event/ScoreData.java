package dev.millrace.schema.event;

import java.io.StringWriter;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The data of the {@code score.*} events.
 *
 * @param player whose score; also the event's lane
 * @param value the amount or the score, within ±{@link #MAX_SCORE}
 * @param region where the player is ranked besides the whole board; {@link #GLOBAL} for nowhere else
 * @param name how the player is shown, where the event says so: 1 to {@link #MAX_DISPLAY_NAME} code points, no control characters
 */
public record ScoreData(String player, long value, String board, String region, @Nullable String name) {
    /** 2^53 − 1: the largest integer that JSON readers and Redis's sorted sets hold exactly. */
    public static final long MAX_SCORE = (1L << 53) - 1;
    public static final String MAIN_BOARD = "main";
    public static final String GLOBAL = "GLOBAL";
    public static final int MAX_DISPLAY_NAME = 128;

    private static final JsonFactory JSON = new JsonFactory();

    public ScoreData {
        Names.check("player", player);
        Names.check("board", board);
        Names.check("region", region);
        if (value < -MAX_SCORE || value > MAX_SCORE) {
            throw new IllegalArgumentException("value must be within ±(2^53 - 1)");
        }
        if (name != null && !canBeShown(name)) {
            throw new IllegalArgumentException("name must have 1 to " + MAX_DISPLAY_NAME + " characters and no control characters");
        }
    }

    /** Compact JSON; fields that hold their default are left out. */
    public String toJson() {
        StringWriter text = new StringWriter(96);
        try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            out.writeStartObject();
            out.writeStringProperty("player", player);
            out.writeNumberProperty("value", value);
            if (!board.equals(MAIN_BOARD)) {
                out.writeStringProperty("board", board);
            }
            if (!region.equals(GLOBAL)) {
                out.writeStringProperty("region", region);
            }
            if (name != null) {
                out.writeStringProperty("name", name);
            }
            out.writeEndObject();
        }
        return text.toString();
    }

    /**
     * Reads {@link #toJson()}.
     *
     * @throws MalformedEntryException if a field is missing, unknown or out of range
     */
    public static ScoreData parse(String json) throws MalformedEntryException {
        String player = null;
        Long value = null;
        String board = MAIN_BOARD;
        String region = GLOBAL;
        String name = null;
        try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), json)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedEntryException("score data is no JSON object");
            }
            while (in.nextToken() == JsonToken.PROPERTY_NAME) {
                switch (in.currentName()) {
                    case "player" -> player = text(in);
                    case "value" -> value = integer(in);
                    case "board" -> board = text(in);
                    case "region" -> region = text(in);
                    case "name" -> name = text(in);
                    default -> throw new MalformedEntryException("score data with an unknown field");
                }
            }
            if (in.nextToken() != null) {
                throw new MalformedEntryException("score data with more behind it");
            }
            if (player == null || value == null) {
                throw new MalformedEntryException("score data without player or value");
            }
            return new ScoreData(player, value, board, region, name);
        } catch (JacksonException e) {
            // The original message is one line, as the reason of a dead letter has to be.
            throw new MalformedEntryException("score data does not read: " + e.getOriginalMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new MalformedEntryException("score data does not read: " + e.getMessage(), e);
        }
    }

    /** Whether a player can be shown by that name. */
    public static boolean canBeShown(String name) {
        int length = name.codePointCount(0, name.length());
        return length >= 1 && length <= MAX_DISPLAY_NAME && name.chars().noneMatch(Character::isISOControl);
    }

    private static String text(JsonParser in) throws MalformedEntryException {
        if (in.nextToken() != JsonToken.VALUE_STRING) {
            throw new MalformedEntryException("score data with a field that is no text");
        }
        return in.getString();
    }

    private static long integer(JsonParser in) throws MalformedEntryException {
        JsonToken token = in.nextToken();
        if (token == JsonToken.VALUE_NUMBER_INT) {
            return in.getLongValue();
        }
        if (token == JsonToken.VALUE_NUMBER_FLOAT) {
            try {
                // JSON Schema counts 1.0 and 1e3 as integers, so such values are let in.
                return in.getDecimalValue().longValueExact();
            } catch (ArithmeticException e) {
                throw new MalformedEntryException("score data with a value that is no integer in range", e);
            }
        }
        throw new MalformedEntryException("score data with a value that is no number");
    }
}
