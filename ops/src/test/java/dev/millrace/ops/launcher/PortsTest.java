package dev.millrace.ops.launcher;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.ops.embedded.StartupException;
import dev.millrace.schema.settings.Setting;
import dev.millrace.schema.settings.Settings;
import dev.millrace.schema.settings.SettingsException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PortsTest {
    @Test
    void aBusyPortIsToldByTheNameOfItsSetting() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> requireFree("0", Integer.toString(port))).isInstanceOf(StartupException.class)
                    .hasMessage("MANAGEMENT_PORT " + port
                            + " is taken by another program; stop that program or set MANAGEMENT_PORT to another port");
        }
    }

    @Test
    void aPortThatIsTakenOnOneAddressOnlyIsBusyToo() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            assertThatThrownBy(() -> requireFree(Integer.toString(taken.getLocalPort()), "0")).hasMessageStartingWith("PORT ");
        }
    }

    @Test
    void onePortCanNotServeTwoPurposes() {
        assertThatThrownBy(() -> requireFree("7001", "7001")).isInstanceOf(SettingsException.class)
                .hasMessage("PORT and MANAGEMENT_PORT are both 7001; give each a port of its own");
    }

    @Test
    void anyFreePortAlwaysFits() {
        assertThatCode(() -> requireFree("0", "0")).doesNotThrowAnyException();
    }

    private static void requireFree(String port, String managementPort) {
        Ports.requireFree(Settings.read(Map.of("PORT", port, "MANAGEMENT_PORT", managementPort)), Setting.PORT, Setting.MANAGEMENT_PORT);
    }
}
