package dev.millrace.ingest.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Changes requests by chance. */
final class Damage {
    private static final List<String> POISON = List.of("\r\n", "\\u0000", "\\ud800", ",", "null", "-0", "1e999", "\"", "%00", "%", "\u0000",
            ": ", " ");

    private Damage() {}

    static <T> T one(Random random, List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    /** The same bytes, save in one place. */
    static byte[] damaged(Random random, byte[] bytes) {
        if (bytes.length == 0) {
            return bytes;
        }
        int at = random.nextInt(bytes.length);
        int length = Math.min(bytes.length - at, 1 + random.nextInt(8));
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        changed.write(bytes, 0, at);
        switch (random.nextInt(6)) {
            case 0 -> changed.write(random.nextInt(256));
            case 1 -> changed.writeBytes(Arrays.copyOfRange(bytes, at, bytes.length));
            case 2 -> changed.writeBytes("[[[[{\"a\":".repeat(random.nextInt(30)).getBytes(UTF_8));
            case 3 -> changed.writeBytes("9".repeat(random.nextInt(90)).getBytes(UTF_8));
            case 4 -> changed.writeBytes(one(random, POISON).getBytes(UTF_8));
            default -> {
                // Cut out.
            }
        }
        changed.write(bytes, at + length, bytes.length - at - length);
        return random.nextInt(10) == 0 ? Arrays.copyOf(changed.toByteArray(), at) : changed.toByteArray();
    }
}
