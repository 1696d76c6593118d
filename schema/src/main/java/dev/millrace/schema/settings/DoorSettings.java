package dev.millrace.schema.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Who may come in.
 *
 * @param port of the API, 0 for any that is free
 * @param adminKey at least 24 characters
 * @param keyPepper at least 24 characters
 * @param environment middle part of new API keys
 * @param keyGrace how long a key lives on after its rotation, 1 s to 365 days
 * @param connectionsMax connections that are open at the same time
 * @param origins whose pages may call, as browsers write them, such as {@code https://play.example.com}; none by default
 */
public record DoorSettings(int port, String adminKey, String keyPepper, String environment, Duration keyGrace, int connectionsMax,
        Set<String> origins) {
    private static final int MIN_SECRET = 24;
    private static final Duration MIN_GRACE = Duration.ofSeconds(1);
    private static final Duration MAX_GRACE = Duration.ofDays(365);

    public DoorSettings {
        checkSecret("MILLRACE_ADMIN_KEY", adminKey);
        checkSecret("MILLRACE_KEY_PEPPER", keyPepper);
        if (!environment.matches("[a-z0-9]{1,16}")) {
            throw new SettingsException("MILLRACE_ENVIRONMENT must be 1 to 16 lower-case letters and digits");
        }
        if (keyGrace.compareTo(MIN_GRACE) < 0 || keyGrace.compareTo(MAX_GRACE) > 0) {
            throw new SettingsException("MILLRACE_KEY_GRACE must be between 1s and 365d");
        }
        origins = Set.copyOf(origins);
    }

    /**
     * Reads origins with commas between them.
     *
     * @throws SettingsException if one is not as browsers write it; a pattern, or {@code null}, would let in whoever wants to be
     */
    static Set<String> origins(String list) {
        Set<String> origins = new LinkedHashSet<>();
        for (String origin : list.split(",", -1)) {
            String text = origin.strip();
            if (!text.isEmpty() && !isOrigin(text)) {
                throw new SettingsException("MILLRACE_CORS_ORIGINS: '" + text + "' is no origin as browsers write them, such as"
                        + " https://play.example.com or http://localhost:3000");
            }
            origins.add(text);
        }
        origins.remove("");
        return origins;
    }

    /** Scheme, host and port if it is not the usual one; all in small letters and nothing behind. */
    private static boolean isOrigin(String text) {
        try {
            URI uri = new URI(text);
            String scheme = uri.getScheme();
            boolean web = "https".equals(scheme) || "http".equals(scheme);
            if (!web || uri.getHost() == null || uri.getPort() == ("https".equals(scheme) ? 443 : 80)) {
                return false;
            }
            String plain = scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
            return plain.equals(text);
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static void checkSecret(String name, String value) {
        if (value.length() < MIN_SECRET) {
            throw new SettingsException(name + " must have at least " + MIN_SECRET + " characters");
        }
    }

    @Override
    public String toString() {
        return "DoorSettings[port " + port + ", environment " + environment + ']';
    }
}
