package dev.millrace.persister.store;

import java.time.Duration;
import java.util.Map;

/** The driver's properties; what the URL says goes before them. */
final class Connections {
    private static final Duration CONNECT = Duration.ofSeconds(2);

    private Connections() {}

    /**
     * Properties of a connection.
     *
     * @param application what Postgres shows it as
     * @param answer how long to wait for an answer, in whole seconds
     */
    static Map<String, String> properties(String application, Duration answer) {
        return Map.of("ApplicationName", application, "connectTimeout", Long.toString(CONNECT.toSeconds()), "socketTimeout",
                Long.toString(answer.toSeconds()), "tcpKeepAlive", "true",
                // Details quote the data, and messages end up in logs.
                "logServerErrorDetail", "false");
    }
}
