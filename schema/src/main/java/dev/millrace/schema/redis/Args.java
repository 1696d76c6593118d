package dev.millrace.schema.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Arguments of a script, in order. */
public final class Args {
    private final List<byte[]> args = new ArrayList<>();

    private Args() {}

    /** Starts with these texts. */
    public static Args of(String... texts) {
        Args args = new Args();
        for (String text : texts) {
            args.add(text);
        }
        return args;
    }

    public Args add(String text) {
        args.add(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    public Args add(long number) {
        return add(Long.toString(number));
    }

    public Args add(byte[] bytes) {
        args.add(bytes);
        return this;
    }

    /** Adds all, without their number. */
    public Args addAll(List<byte[]> all) {
        args.addAll(all);
        return this;
    }

    /** Adds the number of texts, then the texts. */
    public Args addCounted(List<String> texts) {
        add(texts.size());
        texts.forEach(this::add);
        return this;
    }

    public List<byte[]> list() {
        return args;
    }
}
