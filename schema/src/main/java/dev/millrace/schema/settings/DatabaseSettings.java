package dev.millrace.schema.settings;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/**
 * Where Postgres is.
 *
 * @param jdbcUrl {@code jdbc:postgresql://…} without credentials where they could be taken out of it
 * @param user empty if the URL holds it
 * @param password empty if the URL holds it
 * @param pool connections at most
 */
public record DatabaseSettings(String jdbcUrl, String user, String password, int pool) {
    private static final int MAX_POOL = 64;
    private static final String JDBC = "jdbc:postgresql://";

    public DatabaseSettings {
        if (pool > MAX_POOL) {
            throw new SettingsException("MILLRACE_DATABASE_POOL must be at most " + MAX_POOL);
        }
    }

    /** Reads {@code postgres://user:password@host:port/database?options}, several hosts with commas between them, or a JDBC URL. */
    static DatabaseSettings of(String url, int pool) {
        if (url.startsWith(JDBC)) {
            if (url.substring(JDBC.length()).split("[/?]", 2)[0].contains("@")) {
                throw new SettingsException("DATABASE_URL as a JDBC URL takes user and password as parameters: " + JDBC
                        + "host/database?user=…&password=…");
            }
            return new DatabaseSettings(url, "", "", pool);
        }
        if (!url.startsWith("postgres://") && !url.startsWith("postgresql://")) {
            throw new SettingsException("DATABASE_URL must start with postgres:// or jdbc:postgresql://");
        }
        URI uri = parse(url);
        // The authority is taken apart here because java.net.URI knows neither several hosts nor underscores in their names.
        String authority = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
        int at = authority.lastIndexOf('@');
        String hosts = authority.substring(at + 1);
        if (hosts.isEmpty() || hosts.startsWith(":") || uri.getRawPath().length() < 2) {
            throw new SettingsException("DATABASE_URL must name a host and a database: postgres://user:password@host:5432/database");
        }
        String[] credentials = authority.substring(0, Math.max(at, 0)).split(":", 2);
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return new DatabaseSettings(JDBC + hosts + uri.getRawPath() + query, decode(credentials[0]),
                credentials.length > 1 ? decode(credentials[1]) : "", pool);
    }

    private static URI parse(String url) {
        try {
            URI uri = URI.create(url);
            // An @ behind the authority, or a fragment, comes from a / or # in the password.
            if (!uri.getRawPath().contains("@") && uri.getRawFragment() == null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw invalid();
        }
        throw invalid();
    }

    // Without the cause, whose message holds the URL and so the password.
    private static SettingsException invalid() {
        return new SettingsException("DATABASE_URL is no valid URL; characters such as / and # in the password must be percent-encoded");
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** The address without credentials, for messages. */
    public String display() {
        int end = jdbcUrl.indexOf('?');
        return end < 0 ? jdbcUrl : jdbcUrl.substring(0, end);
    }

    @Override
    public String toString() {
        return "DatabaseSettings[" + display() + ']';
    }
}
