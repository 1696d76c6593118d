package dev.millrace.schema.settings;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A secret under which tokens of users are signed.
 *
 * @param id the {@code kid} that tokens name it by
 * @param secret at least 32 characters, the length of the signature's hash
 */
public record TokenKey(String id, String secret) {
    private static final String NAME = "MILLRACE_JWT_SECRET";
    private static final int MIN_SECRET = 32;
    private static final int MAX_KEYS = 8;
    /** The id of a secret that is given without one. */
    private static final String ONLY = "1";
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._~-]{1,32}");

    /**
     * Reads {@code secret}, or {@code id:secret,id:secret…}; the first signs.
     *
     * @throws SettingsException if it reads otherwise; the message holds no part of it
     */
    static List<TokenKey> list(String text) {
        List<TokenKey> keys = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (String part : text.split(",", -1)) {
            int colon = part.indexOf(':');
            TokenKey key = new TokenKey(colon < 0 ? ONLY : part.substring(0, colon).strip(), part.substring(colon + 1).strip());
            if (!ID.matcher(key.id).matches()) {
                throw new SettingsException(NAME + " must be a secret, or id:secret with commas between; ids match " + ID);
            }
            if (key.secret.length() < MIN_SECRET) {
                throw new SettingsException(NAME + " must have at least " + MIN_SECRET + " characters a secret");
            }
            if (!ids.add(key.id)) {
                throw new SettingsException(NAME + " must name each of its secrets differently");
            }
            keys.add(key);
        }
        if (keys.size() > MAX_KEYS) {
            throw new SettingsException(NAME + " must have at most " + MAX_KEYS + " secrets");
        }
        return List.copyOf(keys);
    }

    @Override
    public String toString() {
        return "TokenKey[" + id + ']';
    }
}
