package dev.millrace.schema.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressRangeTest {
    @ParameterizedTest
    @CsvSource({"10.0.0.0/8, 10.255.0.1, true", "10.0.0.0/8, 11.0.0.1, false", "172.16.0.0/12, 172.31.255.255, true",
            "172.16.0.0/12, 172.32.0.0, false", "192.0.2.7, 192.0.2.7, true", "192.0.2.7, 192.0.2.8, false", "0.0.0.0/0, 1.2.3.4, true",
            "0.0.0.0/0, ::1, false", "2001:db8::/33, 2001:db8:7fff::1, true", "2001:db8::/33, 2001:db8:8000::1, false", "::1, ::1, true",
            "::ffff:10.0.0.0/8, 10.1.2.3, true"})
    void anAddressLiesInItOrNot(String range, String address, boolean inside) {
        assertThat(AddressRange.parse(range).contains(InetAddress.ofLiteral(address))).isEqualTo(inside);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "proxy", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "10.0.0.0/", "::/129", "/8"})
    void whatIsNoRangeIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> AddressRange.parse(text));
    }

    @Test
    void trustedProxiesAreAListAndABrokenOneStopsTheStart() {
        assertThat(Settings.read(Map.of("MILLRACE_TRUSTED_PROXIES", "10.0.0.0/8, ::1")).limits().trustedProxies())
                .containsExactly(AddressRange.parse("10.0.0.0/8"), AddressRange.parse("::1"));
        assertThat(Settings.read(Map.of()).limits().trustedProxies()).isEmpty();
        assertThatThrownBy(() -> Settings.read(Map.of("MILLRACE_TRUSTED_PROXIES", "10.0.0.0/8, nginx")))
                .isInstanceOf(SettingsException.class)
                .hasMessage("MILLRACE_TRUSTED_PROXIES: 'nginx' is no address and no CIDR range");
    }
}
