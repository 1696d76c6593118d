package dev.millrace.ingest.json;

import java.util.Locale;

/** Which media types are JSON. */
public final class JsonMediaTypes {
    private JsonMediaTypes() {}

    /** The type and subtype of a media type, in lower case and without parameters. */
    public static String bare(String mediaType) {
        int semicolon = mediaType.indexOf(';');
        return (semicolon < 0 ? mediaType : mediaType.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
    }

    /** Whether a media type is JSON or made of it (RFC 6839), whatever its parameters. */
    public static boolean isJson(String mediaType) {
        String bare = bare(mediaType);
        int slash = bare.indexOf('/');
        return bare.equals("application/json") || bare.equals("text/json")
                || (slash > 0 && bare.endsWith("+json") && slash + 1 < bare.length() - "+json".length());
    }
}
