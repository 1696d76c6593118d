package dev.millrace.ops.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class PlatformTest {

    @Test
    void linuxAndMacosOnBothProcessorsAreKnown() {
        assertThat(Platform.of("Linux", "amd64")).isEqualTo(new Platform("linux", "amd64"));
        assertThat(Platform.of("Linux", "aarch64")).isEqualTo(new Platform("linux", "arm64"));
        assertThat(Platform.of("Mac OS X", "x86_64")).isEqualTo(new Platform("darwin", "amd64"));
        assertThat(Platform.of("Mac OS X", "aarch64")).isEqualTo(new Platform("darwin", "arm64"));
    }

    @Test
    void anyOtherIsRefusedWithTheWayOut() {
        assertThatThrownBy(() -> Platform.of("Windows 11", "amd64")).isInstanceOf(StartupException.class)
                .hasMessage(
                        "The embedded Redis and Postgres have no binaries for Windows 11 on amd64 (only for Linux and macOS on x86-64 and "
                                + "arm64); set REDIS_URL and DATABASE_URL to servers of your own.");
        assertThatThrownBy(() -> Platform.of("Linux", "riscv64")).isInstanceOf(StartupException.class)
                .hasMessageContaining("Linux on riscv64");
    }
}
