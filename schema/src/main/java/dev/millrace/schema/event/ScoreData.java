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
 * @param name how the player is shown, where the event says so
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
        if (name != null && name.length() > MAX_DISPLAY_NAME) {
            throw new IllegalArgumentException("name must have at most " + MAX_DISPLAY_NAME + " characters");
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
                String field = in.currentName();
                in.nextToken();
                switch (field) {
                    case "player" -> player = in.getString();
                    case "value" -> value = in.getLongValue();
                    case "board" -> board = in.getString();
                    case "region" -> region = in.getString();
                    case "name" -> name = in.getString();
                    default -> throw new MalformedEntryException("score data with unknown field " + field);
                }
            }
            if (player == null || value == null) {
                throw new MalformedEntryException("score data without player or value");
            }
            return new ScoreData(player, value, board, region, name);
        } catch (JacksonException | IllegalArgumentException e) {
            throw new MalformedEntryException("score data does not read: " + e.getMessage(), e);
        }
    }
}
