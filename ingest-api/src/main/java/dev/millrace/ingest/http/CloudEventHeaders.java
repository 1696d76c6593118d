package dev.millrace.ingest.http;

import dev.millrace.ingest.problem.InputError;
import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import io.javalin.http.Context;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The attributes of a CloudEvent in binary mode, which are headers {@code ce-<name>} with percent-encoded values. */
final class CloudEventHeaders {
    private static final String PREFIX = "ce-";
    private static final String CONTENT_TYPE = "datacontenttype";

    private CloudEventHeaders() {}

    /** Whether a request has such headers. */
    static boolean in(Context ctx) {
        return Collections.list(ctx.req().getHeaderNames()).stream().anyMatch(CloudEventHeaders::isAttribute);
    }

    private static boolean isAttribute(String header) {
        return header.regionMatches(true, 0, PREFIX, 0, PREFIX.length());
    }

    /**
     * The attributes by their names; the type of the data is that of the body.
     *
     * @throws ProblemException if one comes twice or does not read
     */
    static Map<String, String> of(Context ctx) {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (String header : Collections.list(ctx.req().getHeaderNames())) {
            if (!isAttribute(header)) {
                continue;
            }
            String name = header.substring(PREFIX.length()).toLowerCase(Locale.ROOT);
            if (name.equals(CONTENT_TYPE)) {
                throw wrong(header, "is the body's Content-Type");
            }
            Enumeration<String> values = ctx.req().getHeaders(header);
            String value = values.nextElement();
            if (values.hasMoreElements()) {
                throw wrong(header, "must come once");
            }
            attributes.put(name, decoded(value).orElseThrow(() -> wrong(header, "must be printable ASCII, percent-encoded from UTF-8")));
        }
        @Nullable String type = ctx.req().getContentType();
        if (type != null) {
            attributes.put(CONTENT_TYPE, type);
        }
        return attributes;
    }

    /** Undoes the encoding of the HTTP binding (3.1.3.2); older senders put a value in quotes. */
    static Optional<String> decoded(String value) {
        String text = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
                ? value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1")
                : value;
        ByteBuffer octets = ByteBuffer.allocate(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                if (i + 2 >= text.length() || hex(text.charAt(i + 1)) < 0 || hex(text.charAt(i + 2)) < 0) {
                    return Optional.empty();
                }
                octets.put((byte) (hex(text.charAt(i + 1)) * 16 + hex(text.charAt(i + 2))));
                i += 2;
            } else if (c >= ' ' && c <= '~') {
                octets.put((byte) c);
            } else {
                return Optional.empty();
            }
        }
        try {
            String decoded = StandardCharsets.UTF_8.newDecoder().decode(octets.flip()).toString();
            return Optional.of(decoded).filter(plain -> plain.chars().noneMatch(Character::isISOControl));
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static int hex(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }

    private static ProblemException wrong(String header, String detail) {
        return new ProblemException(Problem.of(ProblemType.INVALID_HEADER,
                List.of(new InputError(InputError.Where.HEADER, header, detail))));
    }
}
