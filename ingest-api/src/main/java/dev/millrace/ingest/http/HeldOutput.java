package dev.millrace.ingest.http;

import io.javalin.http.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * An answer of 200 that is held back until it is whole, so that a caller may send all of a request before it reads any of the answer; save that
 * from {@value #HELD_MAX} bytes on it is sent as it grows, and a caller must read while it sends.
 */
final class HeldOutput extends OutputStream {
    static final int HELD_MAX = 1 << 20;

    private final Context ctx;
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private @Nullable OutputStream sending;

    HeldOutput(Context ctx) {
        this.ctx = ctx;
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[]{(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        if (sending == null && held.size() + length > HELD_MAX) {
            ctx.status(200).contentType(Answers.JSON);
            sending = ctx.outputStream();
            held.writeTo(sending);
            held.reset();
        }
        (sending == null ? held : sending).write(bytes, from, length);
    }

    /** Whether it is being sent, so that its headers can't be changed any more. */
    boolean sending() {
        return sending != null;
    }

    /** Sends what is held. */
    void end() throws IOException {
        if (sending == null) {
            ctx.status(200).contentType(Answers.JSON).result(held.toByteArray());
        } else {
            sending.flush();
        }
    }
}
