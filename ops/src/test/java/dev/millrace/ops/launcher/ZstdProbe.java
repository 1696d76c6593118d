package dev.millrace.ops.launcher;

import com.github.luben.zstd.Zstd;
import java.nio.charset.StandardCharsets;

/** A program that needs the library of zstd. */
public final class ZstdProbe {
    private ZstdProbe() {}

    /** Says whether what was compressed comes back. */
    public static void main(String[] arguments) {
        byte[] once = "millrace".repeat(100).getBytes(StandardCharsets.UTF_8);
        byte[] again = Zstd.decompress(Zstd.compress(once), once.length);
        System.out.println(again.length == once.length ? "read" : "lost");
    }
}
