package dev.millrace.schema.settings;

import java.net.URI;
import java.time.Duration;

/**
 * Where Redis is.
 *
 * @param url with its password
 * @param timeout after which the API gives up on one answer
 */
public record RedisSettings(String url, String namespace, Duration timeout) {
    public RedisSettings {
        if (url.contains(",")) {
            throw new SettingsException("REDIS_URL names several nodes; give one redis://, rediss:// or redis-sentinel:// address");
        }
        if (!url.matches("(redis|rediss|redis-sentinel)://.+")) {
            throw new SettingsException("REDIS_URL must start with redis://, rediss:// or redis-sentinel://");
        }
        if (timeout.toMillis() < 50 || timeout.toMillis() > 10_000) {
            throw new SettingsException("MILLRACE_REDIS_TIMEOUT must be between 50ms and 10s");
        }
    }

    /** The address without its password, for messages. */
    public String display() {
        try {
            URI uri = URI.create(url);
            return uri.getScheme() + "://" + (uri.getHost() == null ? "…" : uri.getHost()) + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
        } catch (IllegalArgumentException e) {
            return "REDIS_URL";
        }
    }

    @Override
    public String toString() {
        return "RedisSettings[" + display() + ", namespace " + namespace + ']';
    }
}
