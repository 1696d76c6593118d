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

    public DatabaseSettings {
        if (pool > MAX_POOL) {
            throw new SettingsException("MILLRACE_DATABASE_POOL must be at most " + MAX_POOL);
        }
    }

    /** Reads {@code postgres://user:password@host:port/database?options} or a JDBC URL. */
    static DatabaseSettings of(String url, int pool) {
        if (url.startsWith("jdbc:postgresql://")) {
            return new DatabaseSettings(url, "", "", pool);
        }
        if (!url.startsWith("postgres://") && !url.startsWith("postgresql://")) {
            throw new SettingsException("DATABASE_URL must start with postgres:// or jdbc:postgresql://");
        }
        URI uri;
        try {
            uri = URI.create(url);
        } catch (IllegalArgumentException e) {
            throw new SettingsException("DATABASE_URL is no valid URL; characters such as @ in the password must be percent-encoded");
        }
        if (uri.getHost() == null || uri.getPath() == null || uri.getPath().length() < 2) {
            throw new SettingsException("DATABASE_URL must name a host and a database: postgres://user:password@host:5432/database");
        }
        String[] credentials = uri.getRawUserInfo() == null ? new String[0] : uri.getRawUserInfo().split(":", 2);
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        String host = uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
        return new DatabaseSettings("jdbc:postgresql://" + host + uri.getRawPath() + query,
                credentials.length > 0 ? decode(credentials[0]) : "",
                credentials.length > 1 ? decode(credentials[1]) : "", pool);
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
