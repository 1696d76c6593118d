package dev.millrace.ops.bench.redis;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** One event as plain commands append it, made beforehand so that sending it costs nothing else. */
public final class PlainEvent {
    private final String stream;
    private final Object[] words;

    /** @param words field names and values in turn */
    public PlainEvent(String stream, List<byte[]> words) {
        this.stream = stream;
        this.words = words.toArray();
        for (int name = 0; name < this.words.length; name += 2) {
            this.words[name] = new String(words.get(name), StandardCharsets.UTF_8);
        }
    }

    String stream() {
        return stream;
    }

    Object[] words() {
        return words;
    }
}
