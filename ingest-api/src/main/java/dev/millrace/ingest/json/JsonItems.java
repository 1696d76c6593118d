package dev.millrace.ingest.json;

import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/**
 * Cuts a JSON array into the texts of its items without judging them, so that one which is not wanted does not sink the others. Where the
 * array itself does not read, it can't be told where its items end.
 */
public final class JsonItems {
    /** An item may be deeper than is wanted without sinking the others; one like this is an attack. */
    private static final int MAX_DEPTH = 1_000;

    private final JsonFactory json;
    private final int maxItems;

    /**
     * @param maxBytes of a body
     * @param maxItems of an array
     */
    public JsonItems(int maxBytes, int maxItems) {
        this.maxItems = maxItems;
        this.json = JsonFactory.builder().streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH)
                .maxNumberLength(maxBytes).maxNameLength(maxBytes).maxStringLength(maxBytes).build()).build();
    }

    /**
     * The items' texts, in their order.
     *
     * @throws ProblemException if the body is no JSON array or has too many items
     */
    public List<CharBuffer> of(byte[] body) {
        CharBuffer text = StrictJson.decode(ByteBuffer.wrap(body));
        List<CharBuffer> items = new ArrayList<>();
        try (JsonParser in = json.createParser(ObjectReadContext.empty(), text.array(), text.arrayOffset(), text.remaining())) {
            try {
                if (in.nextToken() != JsonToken.START_ARRAY) {
                    throw malformed("The body is no JSON array.");
                }
                while (in.nextToken() != JsonToken.END_ARRAY) {
                    if (items.size() == maxItems) {
                        throw new ProblemException(ProblemType.TOO_LARGE, "A request may have at most " + maxItems + " items.");
                    }
                    items.add(item(in, text));
                }
                if (in.nextToken() != null) {
                    throw malformed("The body goes on after the end of its JSON array, at " + StrictJson.place(in.currentTokenLocation())
                            + '.');
                }
                return items;
            } catch (StreamConstraintsException e) {
                throw malformed("The body is nested more than " + MAX_DEPTH + " levels deep.");
            } catch (JacksonException e) {
                throw malformed("The body is not valid JSON at " + StrictJson.place(e.getLocation()) + '.');
            }
        }
    }

    private static CharBuffer item(JsonParser in, CharBuffer text) {
        int start = (int) in.currentTokenLocation().getCharOffset();
        in.skipChildren();
        // Strings and numbers are read only when they are asked for.
        in.finishToken();
        int end = (int) in.currentLocation().getCharOffset();
        return text.slice(start, end - start);
    }

    private static ProblemException malformed(String detail) {
        return new ProblemException(ProblemType.MALFORMED_JSON, detail);
    }
}
