package dev.millrace.ingest.limit;

import dev.millrace.schema.settings.AddressRange;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds the address that a request comes from. Proxies say for whom they speak in {@code X-Forwarded-For} or {@code Forwarded} (RFC 7239),
 * each adding to the right; anybody can send such a header, so only what trusted proxies have added counts: seen from here, the first
 * address that is not theirs.
 */
public final class ClientAddress {
    private final List<AddressRange> trusted;

    /**
     * @param trusted whose word counts
     */
    public ClientAddress(List<AddressRange> trusted) {
        this.trusted = List.copyOf(trusted);
    }

    /** Whether the word of whoever is at the other end of a connection counts. */
    public boolean trusts(InetAddress peer) {
        return trusted.stream().anyMatch(range -> range.contains(peer));
    }

    /**
     * Where a request comes from.
     *
     * @param peer the other end of the connection
     * @param forwardedFor values of {@code X-Forwarded-For}, in their order
     * @param forwarded values of {@code Forwarded}, in their order
     */
    public InetAddress of(InetAddress peer, Collection<String> forwardedFor, Collection<String> forwarded) {
        if (!trusts(peer)) {
            return peer;
        }
        List<String> hops = elements(forwardedFor, ',');
        List<String> standard = elements(forwarded, ',').stream().map(ClientAddress::forOf).toList();
        if (hops.isEmpty() || standard.isEmpty()) {
            return outermost(peer, hops.isEmpty() ? standard : hops);
        }
        // A proxy that knows one header only passes the other on as its client sent it. Whoever sends both is not believed unless they agree.
        InetAddress address = outermost(peer, hops);
        return address.equals(outermost(peer, standard)) ? address : peer;
    }

    private InetAddress outermost(InetAddress peer, List<String> hops) {
        InetAddress address = peer;
        for (String hop : hops.reversed()) {
            Optional<InetAddress> before = parse(hop);
            if (before.isEmpty()) {
                return address;
            }
            address = before.get();
            if (!trusts(address)) {
                return address;
            }
        }
        return address;
    }

    /** The {@code for} of an element of {@code Forwarded}; empty if it has none. */
    private static String forOf(String element) {
        for (String pair : elements(List.of(element), ';')) {
            if (pair.toLowerCase(Locale.ROOT).startsWith("for=")) {
                String value = pair.substring("for=".length()).strip();
                return value.length() > 1 && value.startsWith("\"") && value.endsWith("\"") ? value.substring(1, value.length() - 1)
                        : value;
            }
        }
        return "";
    }

    /** Splits outside of quotes. */
    private static List<String> elements(Collection<String> values, char separator) {
        List<String> elements = new ArrayList<>();
        for (String value : values) {
            boolean quoted = false;
            int from = 0;
            for (int i = 0; i <= value.length(); i++) {
                if (i == value.length() || (value.charAt(i) == separator && !quoted)) {
                    elements.add(value.substring(from, i).strip());
                    from = i + 1;
                } else if (value.charAt(i) == '"') {
                    quoted = !quoted;
                }
            }
        }
        return elements;
    }

    /** Reads an address, with or without a port; empty if it is none, such as {@code unknown}. */
    private static Optional<InetAddress> parse(String hop) {
        String address = hop;
        int colon = hop.indexOf(':');
        if (hop.startsWith("[")) {
            int end = hop.indexOf(']');
            address = end < 0 ? "" : hop.substring(1, end);
        } else if (colon >= 0 && colon == hop.lastIndexOf(':')) {
            address = hop.substring(0, colon);
        }
        return literal(address);
    }

    /** The address of a text, if it is one; no name is looked up. */
    public static Optional<InetAddress> literal(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
