package dev.millrace.ops.launcher.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.core.LayoutBase;
import dev.millrace.ops.OneLine;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * A log event as text: {@code 2026-02-01T09:30:00.123Z INFO  [thread] Class: message}. A stack trace follows in lines of its own that are
 * indented, so that nothing a producer sends can pass for a line of the log.
 */
final class LogLine extends LayoutBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final String OURS = "dev.millrace.";

    @Override
    public String doLayout(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(128);
        TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()), line);
        String level = event.getLevel().toString();
        line.append(' ').append(level).append(" ".repeat(Math.max(0, 5 - level.length())));
        line.append(" [").append(OneLine.of(event.getThreadName())).append("] ").append(shortened(event.getLoggerName())).append(": ");
        line.append(OneLine.of(String.valueOf(event.getFormattedMessage()))).append('\n');
        appendTrace(line, "", event.getThrowableProxy());
        return line.toString();
    }

    private static String shortened(String logger) {
        return logger.startsWith(OURS) ? logger.substring(logger.lastIndexOf('.') + 1) : logger;
    }

    private static void appendTrace(StringBuilder lines, String prefix, @Nullable IThrowableProxy thrown) {
        if (thrown == null) {
            return;
        }
        lines.append("    ").append(prefix).append(thrown.getClassName()).append(": ")
                .append(OneLine.of(String.valueOf(thrown.getMessage())))
                .append('\n');
        StackTraceElementProxy[] frames = thrown.getStackTraceElementProxyArray();
        int own = frames.length - thrown.getCommonFrames();
        for (int i = 0; i < own; i++) {
            lines.append("        ").append(frames[i].getSTEAsString()).append('\n');
        }
        for (IThrowableProxy suppressed : thrown.getSuppressed()) {
            appendTrace(lines, "suppressed ", suppressed);
        }
        if (!thrown.isCyclic()) {
            appendTrace(lines, "caused by ", thrown.getCause());
        }
    }
}
