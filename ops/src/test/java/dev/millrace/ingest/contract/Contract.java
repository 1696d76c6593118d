package dev.millrace.ingest.contract;

import com.networknt.schema.Error;
import dev.millrace.ingest.contract.ApiDocument.Described;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Holds answers to the document: an answer's status, its media type, its headers and every member of its body must be described there. What the
 * document does not offer is refused as {@code #/components/responses/Problem} says.
 */
public final class Contract {
    private static final ApiDocument DOCUMENT = ApiDocument.SERVED;
    private static final String ANY_OTHER = "/components/responses/Problem";
    private static final JsonMapper JSON = JsonMapper.builder().build();
    /** What HTTP itself and the guards of every answer bring. */
    private static final Set<String> OF_EVERY_ANSWER = Set.of("date", "content-type", "content-length", "transfer-encoding", "connection",
            "cache-control", "expires", "content-security-policy", "x-content-type-options", "referrer-policy");
    /** Of a setting that is off by default; the header RateLimit is described with them. */
    private static final Set<String> OLDER = Set.of("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset");

    private Contract() {}

    /**
     * Holds an answer to the document.
     *
     * @throws AssertionError if it is not described there; the message says what of it
     */
    public static void check(HttpResponse<byte[]> answer) {
        HttpRequest request = answer.request();
        String path = request.uri().getRawPath();
        String place = place(request.method(), path, answer.statusCode());
        List<String> faults = new ArrayList<>();
        if (DOCUMENT.at(place).isMissingNode()) {
            faults.add("the status is not described");
        } else {
            checkHeaders(place, answer, faults);
            checkBody(place, request.method().equals("HEAD"), answer, faults);
        }
        if (!faults.isEmpty()) {
            throw new AssertionError("not as the document says at " + place + ":\n" + String.join("\n", faults) + "\nin the answer to "
                    + request.method() + ' ' + path + ": " + answer.statusCode() + ' ' + answer.headers().map() + '\n'
                    + new String(answer.body(), StandardCharsets.UTF_8));
        }
    }

    /** Where an answer is described; at its status, or else at {@code default}. */
    static String place(String method, String path, int status) {
        return DOCUMENT.operation(method, path).map(operation -> place(operation, status)).orElse(ANY_OTHER);
    }

    private static String place(Described operation, int status) {
        String responses = operation.place() + "/responses/";
        String exactly = responses + status;
        return DOCUMENT.resolved(DOCUMENT.at(exactly).isMissingNode() ? responses + "default" : exactly);
    }

    private static void checkHeaders(String place, HttpResponse<byte[]> answer, List<String> faults) {
        TreeMap<String, String> described = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        DOCUMENT.at(place).path("headers").forEachEntry(
                (name, _) -> described.put(name, DOCUMENT.resolved(place + ApiDocument.pointer("headers", name))));
        HttpHeaders headers = answer.headers();
        headers.map().forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (described.containsKey(name)) {
                values.forEach(value -> checkHeader(name, value, described.get(name), faults));
            } else if (!OF_EVERY_ANSWER.contains(lower) && !OLDER.contains(lower)) {
                faults.add("the header " + name + " is not described");
            }
        });
        described.forEach((name, header) -> {
            if (DOCUMENT.at(header).path("required").booleanValue(false) && headers.firstValue(name).isEmpty()) {
                faults.add("the header " + name + " is missing");
            }
        });
    }

    private static void checkHeader(String name, String value, String header, List<String> faults) {
        boolean number = DOCUMENT.at(header + "/schema").path("type").stringValue("").equals("integer") && value.matches("-?\\d{1,18}");
        JsonNode node = number ? JsonNodeFactory.instance.numberNode(Long.parseLong(value)) : JsonNodeFactory.instance.stringNode(value);
        for (Error error : DOCUMENT.check(DOCUMENT.resolved(header + "/schema"), node)) {
            faults.add("the header " + name + ' ' + error.getMessage());
        }
    }

    private static void checkBody(String place, boolean head, HttpResponse<byte[]> answer, List<String> faults) {
        String type = mediaType(answer);
        JsonNode content = DOCUMENT.at(place).path("content");
        if (content.isMissingNode()) {
            if (answer.body().length > 0 || !type.isEmpty()) {
                faults.add("a body is not described");
            }
        } else if (!content.has(type)) {
            faults.add("the media type '" + type + "' is not described");
        } else if (!head && type.endsWith("json")) {
            checkJson(DOCUMENT.resolved(place + ApiDocument.pointer("content", type, "schema")), answer.body(), faults);
        }
    }

    /** Without its charset, which only text has. */
    private static String mediaType(HttpResponse<byte[]> answer) {
        String type = answer.headers().firstValue("Content-Type").orElse("");
        return type.startsWith("text/") ? type.replaceAll(";.*", "") : type;
    }

    private static void checkJson(String schema, byte[] body, List<String> faults) {
        try {
            DOCUMENT.checkClosed(schema, JSON.readTree(body))
                    .forEach(error -> faults.add("#" + error.getInstanceLocation() + ' ' + error.getMessage()));
        } catch (JacksonException e) {
            faults.add("the body is no JSON: " + e.getOriginalMessage());
        }
    }
}
