package dev.millrace.ingest.admission;

import dev.millrace.schema.event.Names;
import dev.millrace.schema.event.ScoreData;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Knows the data of a score at sight. What it knows, the schemas of the {@code score.*} types would let pass too, at many times the cost; what it
 * does not know is theirs to judge.
 */
final class PlainScore {
    private PlainScore() {}

    /** Whether that is a score beyond doubt. */
    static boolean is(JsonNode data) {
        if (!data.isObject() || !data.has("player") || !data.has("value")) {
            return false;
        }
        for (Map.Entry<String, JsonNode> field : data.properties()) {
            JsonNode node = field.getValue();
            boolean known = switch (field.getKey()) {
                case "player", "board", "region" -> node.isString() && Names.valid(node.stringValue());
                case "value" -> node.isIntegralNumber() && node.canConvertToLong() && node.longValue() >= -ScoreData.MAX_SCORE
                        && node.longValue() <= ScoreData.MAX_SCORE;
                case "name" -> node.isString() && ScoreData.canBeShown(node.stringValue());
                default -> false;
            };
            if (!known) {
                return false;
            }
        }
        return true;
    }
}
