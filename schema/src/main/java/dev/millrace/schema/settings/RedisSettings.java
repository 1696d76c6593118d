package dev.millrace.schema.settings;

import java.net.URI;
import java.time.Duration;
import java.util.Locale;

/**
 * Where Redis is.
 *
 * @param url with its password
 * @param timeout after which the API gives up on one answer
 */
public record RedisSettings(String url, String namespace, Duration timeout) {
    private static final String SENTINEL = "redis-sentinel";
    private static final String MASTER_PARAMETER = "sentinelmasterid=";

    public RedisSettings {
        if (url.contains(",")) {
            throw new SettingsException("REDIS_URL names several nodes; give one redis://, rediss:// or redis-sentinel:// address");
        }
        if (!url.matches("(redis|rediss|redis-sentinel)://.+")) {
            throw new SettingsException("REDIS_URL must start with redis://, rediss:// or redis-sentinel://");
        }
        checkAddress(url);
        if (timeout.toMillis() < 50 || timeout.toMillis() > 10_000) {
            throw new SettingsException("MILLRACE_REDIS_TIMEOUT must be between 50ms and 10s");
        }
    }

    /** Refuses here what the driver would refuse with a message that holds the password, or would take for an odd host name. */
    private static void checkAddress(String url) {
        URI uri;
        try {
            uri = URI.create(url);
        } catch (IllegalArgumentException e) {
            throw noAddress();
        }
        boolean sentinel = SENTINEL.equals(uri.getScheme());
        if (uri.getHost() == null || !uri.getPath().matches("/?|/[0-9]{1,5}") || (!sentinel && uri.getFragment() != null)) {
            throw noAddress();
        }
        boolean named = (uri.getFragment() != null && !uri.getFragment().isEmpty())
                || (uri.getQuery() != null && uri.getQuery().toLowerCase(Locale.ROOT).contains(MASTER_PARAMETER));
        if (sentinel && !named) {
            throw new SettingsException("REDIS_URL of a sentinel must name the master: redis-sentinel://host:26379/0#master");
        }
    }

    private static SettingsException noAddress() {
        return new SettingsException(
                "REDIS_URL is no valid address such as redis://user:password@host:6379/0; characters such as @, / and #"
                        + " in the password must be percent-encoded, and a host name has no underscore");
    }

    /** The address without its password, for messages. */
    public String display() {
        URI uri = URI.create(url);
        return uri.getScheme() + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
    }

    @Override
    public String toString() {
        return "RedisSettings[" + display() + ", namespace " + namespace + ']';
    }
}
