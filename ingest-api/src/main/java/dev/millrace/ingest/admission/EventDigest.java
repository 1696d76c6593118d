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

    /** The first 16 bytes of SHA-256 over type, priority, lane and data, a zero byte after each of the first three. */
    static byte[] of(Event event) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            for (String part : new String[]{event.type(), event.lane().priority().word(), event.lane().name()}) {
                sha.update(part.getBytes(StandardCharsets.UTF_8));
                sha.update((byte) 0);
            }
            return Arrays.copyOf(sha.digest(event.data().getBytes(StandardCharsets.UTF_8)), BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }
}
