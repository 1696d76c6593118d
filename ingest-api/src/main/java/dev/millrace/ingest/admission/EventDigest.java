package dev.millrace.ingest.admission;

import dev.millrace.schema.event.Event;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** Tells whether two posts under one key ask for the same. */
final class EventDigest {
    private static final int BYTES = 16;

    private EventDigest() {}

    /**
     * The first 16 bytes of SHA-256 over type, priority, lane, when it is due if that is not at once, and data, a zero byte after each but the
     * last.
     */
    static byte[] of(Posted posted) {
        Event event = posted.event();
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            add(sha, event.type());
            add(sha, event.lane().priority().word());
            add(sha, event.lane().name());
            if (posted.due() != null) {
                add(sha, posted.due().word() + ' ' + posted.due().millis());
            }
            return Arrays.copyOf(sha.digest(event.data().getBytes(StandardCharsets.UTF_8)), BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }

    private static void add(MessageDigest sha, String part) {
        sha.update(part.getBytes(StandardCharsets.UTF_8));
        sha.update((byte) 0);
    }
}
