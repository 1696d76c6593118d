package dev.millrace.schema.settings;

import java.util.List;

/**
 * How requests are limited.
 *
 * @param limits the rules
 * @param trustedProxies whose word counts on where a request comes from
 * @param olderHeaders whether the headers {@code RateLimit-Limit}, {@code -Remaining} and {@code -Reset} are answered too
 */
public record LimitSettings(Limits limits, List<AddressRange> trustedProxies, boolean olderHeaders) {
    public LimitSettings {
        trustedProxies = List.copyOf(trustedProxies);
    }
}
