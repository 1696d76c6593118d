package dev.millrace.ingest.http;

import static dev.millrace.ingest.http.Damage.damaged;
import static dev.millrace.ingest.http.Damage.one;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Calls of every operation as bytes on the wire, so that they need not be HTTP: wrong in path, query, headers, credentials, framing. */
final class FuzzedCalls {
    /** Who asks for the operations that change keys and clients, and is not the producer, so that that one can go on. */
    static final String BYSTANDER = "bystander";

    /** All but the one whose answer goes on for as long as somebody reads. */
    private static final List<Operation> OPERATIONS = Arrays.stream(Operation.values())
            .filter(operation -> operation != Operation.BOARD_STREAM).toList();
    private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)}");
    private static final List<String> VALUES = List.of("main", "alice", "p1", BYSTANDER, "none", "%00", "%2e%2e", "..%2f..", "%ff%fe",
            "%zz",
            "%", "a%0d%0aX-B:%20c", "a b", "\u00fc\u0100", "%F0%9F%8E%B2", "a;b=c", "'or'1", "{id}", "*", "a".repeat(64), "a".repeat(65),
            "x".repeat(7_000), "", "a/b", "score.add", "~:@-", "p1:pause", ":redrive");
    private static final List<
            String> QUERY_VALUES = List.of("1", "0", "-1", "1001", "99999999999999999999", "x", "", "%00", "%zz", "EU", "GLOBAL",
                    BYSTANDER, "eyJhIjoxfQ", "AAAA", "a".repeat(3_000), "1.5", "low", "%F0%9F%8E%B2", "1&limit=2", "\u0001");
    private static final List<
            String> METHODS = List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW",
                    "get", "QUERY", "PRI", "");
    private static final List<String> VERSIONS = List.of("HTTP/1.0", "HTTP/2.0", "HTTP/9.9", "HTTP/1.1 ", "http/1.1", "");
    private static final List<String> OTHER_HEADERS = List.of("Accept: text/html", "Accept: application/json;q=x", "Accept: */*;q=0",
            "X-Forwarded-For: 1.2.3.4", "Forwarded: for=\"[::1\"", "Idempotency-Key: k1", "Idempotency-Key: \"open", "Expect: 100-continue",
            "Expect: nonsense", "Connection: close", "Connection: upgrade\r\nUpgrade: websocket",
            "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
            "Origin: null", "X-Csrf-Token: x", "traceparent: 00-x", "Content-Encoding: gzip", "Content-Encoding: zstd",
            "Transfer-Encoding: gzip",
            "Transfer-Encoding: identity", "Cookie: a=b; c", "Range: bytes=0-1", "If-None-Match: *", "X-Api-Key", ": x", " folded: x",
            "X-\u00fc: y", "X-A: b\u0000c", "ce-specversion: 1.0\r\nce-id: 1\r\nce-source: /s\r\nce-type: %zz", "Host: y",
            "X-Long: " + "x".repeat(9_000), "X-Many: a\r\n".repeat(300).strip());
    private static final List<String> TYPES = List.of("application/json", "application/json", "application/json", "text/plain",
            "application/json; charset=", "application/cloudevents+json", "/", "multipart/form-data; boundary=x");
    private static final List<String> BODIES = List.of("{}", "", "{\"player\":\"p1\",\"add\":1}",
            "{\"player\":\"p2\",\"board\":\"b\",\"set\":7}",
            "{\"type\":\"score.add\",\"data\":{\"player\":\"p1\",\"value\":1}}",
            "[{\"type\":\"score.add\",\"data\":{\"player\":\"p3\",\"value\":1}},{\"type\":\"score.best\",\"data\":{\"player\":\"p3\",\"value\":2}},{}]",
            "{\"id\":\"c1\",\"name\":\"C\"}", "{\"id\":\"" + BYSTANDER + "\",\"name\":\"B\",\"scopes\":[\"admin\"]}", "{\"tier\":\"gold\"}",
            "{\"scopes\":[\"boards:read\"]}", "{\"client\":\"producer\",\"user\":\"ann\",\"password\":\"no such password\"}",
            "{\"client\":\"producer\",\"user\":\"u1\",\"password\":\"correct horse battery\",\"cookie\":true}",
            "{\"filter\":{\"queue\":\"email\"},\"dryRun\":true,\"limit\":5}", "{\"data\":{\"a\":[1,2,{\"b\":null}]}}",
            "{\"a\":".repeat(200) + "1" + "}".repeat(200));

    private final List<String> credentials;

    /**
     * @param credentials header lines that let somebody in
     */
    FuzzedCalls(List<String> credentials) {
        this.credentials = List.copyOf(credentials);
    }

    /**
     * A call.
     *
     * @param wire its bytes, each as a character
     * @param whole whether it is certain to be HTTP with a head that ends, so that it must be answered
     * @param head whether answers to it have no body
     */
    record Call(String wire, boolean whole, boolean head) {
        /** As it can be read. */
        String text() {
            return wire.replaceAll("[^\\x20-\\x7e\n]", "?");
        }
    }

    Call next(Random random) {
        Operation operation = one(random, OPERATIONS);
        boolean otherMethod = random.nextInt(6) == 0;
        String method = otherMethod ? one(random, METHODS) : operation.method().name();
        boolean otherVersion = random.nextInt(25) == 0;
        StringBuilder head = new StringBuilder(method).append(' ').append(path(random, operation)).append(query(random, operation))
                .append(' ')
                .append(otherVersion ? one(random, VERSIONS) : "HTTP/1.1").append("\r\n");
        if (random.nextInt(25) != 0) {
            head.append("Host: localhost\r\n");
        }
        head.append(credential(random, operation));
        for (int others = random.nextInt(3); others > 0; others--) {
            head.append(one(random, OTHER_HEADERS)).append("\r\n");
        }
        ByteArrayOutputStream call = new ByteArrayOutputStream();
        if (operation.method() == Operation.Method.GET || random.nextInt(10) == 0) {
            call.writeBytes(head.append("\r\n").toString().getBytes(UTF_8));
        } else {
            head.append("Content-Type: ").append(one(random, TYPES)).append("\r\n");
            frame(random, head, body(random), call);
        }
        boolean broken = random.nextInt(5) == 0;
        byte[] bytes = broken ? damaged(random, call.toByteArray()) : call.toByteArray();
        return new Call(new String(bytes, ISO_8859_1), !broken && !otherMethod && !otherVersion, method.equals("HEAD"));
    }

    private static String path(Random random, Operation operation) {
        Matcher parameters = PARAMETER.matcher(operation.path());
        String path = parameters.replaceAll((MatchResult _) -> Matcher.quoteReplacement(one(random, VALUES)));
        return random.nextInt(30) == 0
                ? one(random, List.of(path + '/', '/' + path, path + "/..", "http://localhost" + path, "*", "", path + '#'))
                : path;
    }

    private static String query(Random random, Operation operation) {
        List<String> parts = new ArrayList<>();
        for (String name : operation.query().stream().sorted().toList()) {
            if (random.nextInt(3) == 0) {
                parts.add(name + '=' + one(random, QUERY_VALUES));
            }
        }
        if (random.nextInt(12) == 0) {
            parts.add(one(random, List.of("unknown=1", "=", "&&", "limit", "limit=1&limit=2", "%zz=1", "a=%", "client=producer")));
        }
        return parts.isEmpty() ? "" : "?" + String.join("&", parts);
    }

    /** Who has a session may not end it, so that there is one to the end. */
    private String credential(Random random, Operation operation) {
        String given = one(random, credentials);
        boolean bearer = given.startsWith("Authorization");
        if (bearer && (operation == Operation.LOGOUT || operation == Operation.END_SESSION)) {
            return "";
        }
        return switch (random.nextInt(12)) {
            case 0 -> "";
            case 1 -> given + "x\r\n";
            case 2 -> given.substring(0, given.length() - random.nextInt(Math.min(30, given.length()))) + "\r\n";
            case 3 -> given + "\r\n" + one(random, credentials) + "\r\n";
            case 4 ->
                one(random, List.of("X-Api-Key: " + "k".repeat(8_000), "X-Api-Key: mr_live_\u0000", "X-Api-Key:", "Authorization: Bearer",
                        "Authorization: Bearer a.b.c", "Authorization: Basic YTpi", "Authorization: Bearer mrs_x", "Authorization: Bearer "
                                + "e30.".repeat(1_500),
                        "Cookie: __Host-millrace=mrs_x; __Host-millrace=", "Authorization: Bearer eyJhbGciOiJub25lIn0.e30.")) + "\r\n";
            default -> given + "\r\n";
        };
    }

    private static byte[] body(Random random) {
        byte[] body = one(random, BODIES).getBytes(UTF_8);
        for (int times = random.nextInt(3); times > 0; times--) {
            body = damaged(random, body);
        }
        return body;
    }

    private static void frame(Random random, StringBuilder head, byte[] body, ByteArrayOutputStream call) {
        switch (random.nextInt(8)) {
            case 0 -> {
                head.append("Content-Length: ").append(body.length + 1 + random.nextInt(200_000)).append("\r\n\r\n");
                call.writeBytes(head.toString().getBytes(UTF_8));
                call.writeBytes(body);
            }
            case 1 -> {
                head.append("Content-Length: ").append(random.nextInt(body.length + 1)).append("\r\n\r\n");
                call.writeBytes(head.toString().getBytes(UTF_8));
                call.writeBytes(body);
            }
            case 2, 3 -> {
                head.append("Transfer-Encoding: chunked\r\n\r\n");
                call.writeBytes(head.toString().getBytes(UTF_8));
                for (int at = 0; at < body.length;) {
                    int length = Math.min(body.length - at, 1 + random.nextInt(40));
                    call.writeBytes((Integer.toHexString(length) + "\r\n").getBytes(UTF_8));
                    call.write(body, at, length);
                    call.writeBytes("\r\n".getBytes(UTF_8));
                    at += length;
                }
                call.writeBytes(
                        one(random, List.of("0\r\n\r\n", "0\r\n\r\n", "0\r\n\r\n", "0\r\nX-Trailer: y\r\n\r\n", "0\r\n", "", "zz\r\n",
                                "ffffffffffffffffff\r\n", "-1\r\n", "5\r\nab")).getBytes(UTF_8));
            }
            case 4 -> {
                head.append(one(random, List.of("Content-Length: -1", "Content-Length: 1e3", "Content-Length: 99999999999999999999",
                        "Content-Length: 3\r\nContent-Length: 4", "Content-Length: 2\r\nTransfer-Encoding: chunked",
                        "Transfer-Encoding: chunked, chunked", "Content-Length: "))).append("\r\n\r\n");
                call.writeBytes(head.toString().getBytes(UTF_8));
                call.writeBytes(body);
            }
            default -> {
                head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
                call.writeBytes(head.toString().getBytes(UTF_8));
                call.writeBytes(body);
            }
        }
    }
}
