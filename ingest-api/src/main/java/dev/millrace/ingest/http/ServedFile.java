package dev.millrace.ingest.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** A file out of the jars that anyone may read, and keep for a while. */
final class ServedFile {
    private final String contentType;
    private final byte[] bytes;
    private final String tag;

    /**
     * Reads it.
     *
     * @param resource its name on the class path, from the root
     * @throws IllegalStateException if there is no such resource
     */
    ServedFile(String resource, String contentType) {
        this.contentType = contentType;
        this.bytes = bytes(resource);
        this.tag = "W/\"" + Validated.digest(bytes) + '"';
    }

    /** Answers with it, or with 304 where the caller has it at hand. */
    void answer(Context ctx) {
        ctx.header("Cache-Control", "max-age=300");
        if (!Validated.isAtHand(ctx, tag)) {
            ctx.contentType(contentType).result(bytes);
        }
    }

    private static byte[] bytes(String resource) {
        try (InputStream in = ServedFile.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("missing from the jars: " + resource);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
