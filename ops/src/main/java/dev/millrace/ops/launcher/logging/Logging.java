package dev.millrace.ops.launcher.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.nio.charset.StandardCharsets;
import net.logstash.logback.encoder.LogstashEncoder;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Sets up the log: to standard error, so that standard output stays free for what a command answers. Done in code, since reading a
 * configuration file would take longer than everything else before a role's first line.
 *
 * <p>
 * Logback finds this class by itself and begins with text at level info; {@link #configure} then does what the settings say.
 */
public final class Logging extends ContextAwareBase implements Configurator {
    private static final String OURS = "dev.millrace";

    /**
     * Sets up the log of this process.
     *
     * @param format {@code text} or {@code json}
     * @param level {@code error}, {@code warn}, {@code info} or {@code debug}, for what is ours; libraries speak from warnings on
     */
    public static void configure(String format, String level) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        setUp(context, format.equals("json"), Level.toLevel(level));
        if (!SLF4JBridgeHandler.isInstalled()) {
            SLF4JBridgeHandler.removeHandlersForRootLogger();
            SLF4JBridgeHandler.install();
        }
    }

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        setUp(context, false, Level.INFO);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static void setUp(LoggerContext context, boolean json, Level level) {
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setName("stderr");
        appender.setTarget("System.err");
        appender.setEncoder(json ? jsonEncoder(context) : textEncoder(context));
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(appender);
        root.setLevel(level.isGreaterOrEqual(Level.WARN) ? level : Level.WARN);
        context.getLogger(OURS).setLevel(level);
        // It warns of each connection that an orderly stop closes.
        context.getLogger("io.lettuce.core.RedisChannelHandler").setLevel(Level.ERROR);
    }

    private static Encoder<ILoggingEvent> textEncoder(LoggerContext context) {
        LogLine layout = new LogLine();
        layout.setContext(context);
        layout.start();
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setLayout(layout);
        encoder.start();
        return encoder;
    }

    private static Encoder<ILoggingEvent> jsonEncoder(LoggerContext context) {
        LogstashEncoder encoder = new LogstashEncoder();
        encoder.setContext(context);
        encoder.setTimeZone("UTC");
        encoder.setVersion("1");
        encoder.setIncludeContext(false);
        encoder.setFindAndRegisterJacksonModules(false);
        encoder.start();
        return encoder;
    }
}
