package dev.millrace.ops.embedded;

import java.util.Locale;

/** When Redis forces its append-only file to disk. */
public enum AppendFsync {
    /** Before it answers: an acknowledged write survives a power loss. */
    ALWAYS,
    /** About once a second: a power loss may take the last one or two seconds. */
    EVERYSEC,
    /** When the operating system feels like it. */
    NO;

    String directive() {
        return name().toLowerCase(Locale.ROOT);
    }
}
