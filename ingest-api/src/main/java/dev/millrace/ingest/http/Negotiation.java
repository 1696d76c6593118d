package dev.millrace.ingest.http;

import dev.millrace.ingest.json.JsonMediaTypes;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads what media types requests name. */
final class Negotiation {
    private Negotiation() {}

    /**
     * Whether an Accept header (RFC 9110, 12.5.1) takes a media type: the most specific range that fits decides.
     *
     * @param accept null or empty takes everything
     */
    static boolean accepts(@Nullable String accept, String mediaType) {
        if (accept == null || accept.isBlank()) {
            return true;
        }
        String group = mediaType.substring(0, mediaType.indexOf('/')) + "/*";
        int best = -1;
        boolean taken = false;
        for (String part : accept.split(",", -1)) {
            String range = JsonMediaTypes.bare(part);
            int fits = range.equals(mediaType) ? 2 : range.equals(group) ? 1 : range.equals("*/*") ? 0 : -1;
            if (fits > best) {
                best = fits;
                taken = !refused(part);
            }
        }
        return taken;
    }

    private static boolean refused(String range) {
        for (String parameter : range.toLowerCase(Locale.ROOT).split(";", -1)) {
            if (parameter.strip().matches("q\\s*=\\s*0(\\.0*)?")) {
                return true;
            }
        }
        return false;
    }
}
