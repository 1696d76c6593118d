package dev.millrace.ingest.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schema.settings.AddressRange;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ClientAddressTest {
    private static final String PROXY = "10.0.0.1";

    private final ClientAddress addresses = new ClientAddress(List.of(AddressRange.parse("10.0.0.0/8"), AddressRange.parse("fd00::/8")));

    @Test
    void whatOthersThanTrustedProxiesSayIsIgnored() {
        assertThat(of("203.0.113.9", List.of("198.51.100.1"), List.of())).isEqualTo("203.0.113.9");
        assertThat(of("203.0.113.9", List.of(), List.of("for=198.51.100.1"))).isEqualTo("203.0.113.9");
        assertThat(of(PROXY, List.of("198.51.100.1, 203.0.113.9"), List.of())).isEqualTo("203.0.113.9");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"198.51.100.1; 198.51.100.1", "198.51.100.1, 10.9.9.9, 10.8.8.8; 198.51.100.1",
            "6.6.6.6,198.51.100.1,10.9.9.9; 198.51.100.1", "198.51.100.1:4711; 198.51.100.1", "[2001:db8::1]:443; 2001:db8:0:0:0:0:0:1",
            "2001:db8::1; 2001:db8:0:0:0:0:0:1", "10.7.7.7, 10.8.8.8; 10.7.7.7", "unknown; 10.0.0.1", "198.51.100.1, unknown; 10.0.0.1",
            "198.51.100.1, unknown, 10.8.8.8; 10.8.8.8", "::ffff:198.51.100.1; 198.51.100.1", "''; 10.0.0.1", "localhost; 10.0.0.1",
            "[2001:db8::1; 10.0.0.1"})
    void theLastHopThatNoTrustedProxyHasCounts(String forwardedFor, String client) {
        assertThat(of(PROXY, List.of(forwardedFor), List.of())).isEqualTo(client);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {"for=198.51.100.1; 198.51.100.1",
            "`for=198.51.100.1;proto=https;by=10.0.0.1`; 198.51.100.1", "`proto=https; For=\"[2001:db8::1]:4711\"`; 2001:db8:0:0:0:0:0:1",
            "for=6.6.6.6, for=198.51.100.1, for=10.9.9.9; 198.51.100.1", "for=_hidden; 10.0.0.1", "proto=https; 10.0.0.1",
            "`for=198.51.100.1;by=\"a,b\"`; 198.51.100.1", "`for=\"198.51.100.1`; 10.0.0.1"})
    void theStandardHeaderIsReadLikewise(String forwarded, String client) {
        assertThat(of(PROXY, List.of(), List.of(forwarded))).isEqualTo(client);
    }

    @Test
    void severalHeadersAreOneList() {
        assertThat(of(PROXY, List.of("6.6.6.6", "198.51.100.1", "10.9.9.9"), List.of())).isEqualTo("198.51.100.1");
    }

    @Test
    void headersThatDisagreeAreNotBelieved() {
        assertThat(of(PROXY, List.of("198.51.100.1"), List.of("for=198.51.100.1"))).isEqualTo("198.51.100.1");
        assertThat(of(PROXY, List.of("198.51.100.1"), List.of("for=6.6.6.6"))).isEqualTo(PROXY);
    }

    private String of(String peer, List<String> forwardedFor, List<String> forwarded) {
        return addresses.of(InetAddress.ofLiteral(peer), forwardedFor, forwarded).getHostAddress();
    }
}
