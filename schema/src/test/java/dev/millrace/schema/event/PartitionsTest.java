package dev.millrace.schema.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PartitionsTest {
    /** Worked out by another implementation of CRC-32C; a lane that hashed elsewhere would lose its order at an upgrade. */
    @ParameterizedTest
    @CsvSource({"acme, acme, 30, 2718, 0", "acme, player-1, 24, 1752, 0", "acme, player-2, 44, 1324, 6", "globex, player-1, 32, 992, 4",
            "a, bc, 45, 3949, 4", "ab, c, 5, 837, 5", "~, a:b@c.d_e-f, 24, 2264, 0"})
    void aLaneStaysWhereItHasAlwaysBeen(String client, String lane, int of64, int of4096, int of7) {
        assertThat(new Partitions(64).of(client, lane)).isEqualTo(of64);
        assertThat(new Partitions(4_096).of(client, lane)).isEqualTo(of4096);
        assertThat(new Partitions(7).of(client, lane)).isEqualTo(of7);
        assertThat(new Partitions(1).of(client, lane)).isZero();
    }

    @Test
    void theHashHasTheVersionThatTheseVectorsBelongTo() {
        assertThat(Partitions.HASH_VERSION).isEqualTo(1);
    }

    @Test
    void lanesOfOneClientSpreadEvenly() {
        Partitions partitions = new Partitions(64);
        int[] lanes = new int[partitions.count()];
        for (int player = 0; player < 64_000; player++) {
            lanes[partitions.of("acme", "player-" + player)]++;
        }
        assertThat(Arrays.stream(lanes).boxed()).isNotEmpty().allSatisfy(count -> assertThat(count).isBetween(850, 1_150));
    }

    @Test
    void lanesOfOneNameSpreadOverClients() {
        Partitions partitions = new Partitions(64);
        int[] lanes = new int[partitions.count()];
        for (int client = 0; client < 64_000; client++) {
            lanes[partitions.of("client-" + client, "orders")]++;
        }
        assertThat(Arrays.stream(lanes).boxed()).isNotEmpty().allSatisfy(count -> assertThat(count).isBetween(850, 1_150));
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 4_097})
    void refusesCountsOutOfRange(int count) {
        assertThatIllegalArgumentException().isThrownBy(() -> new Partitions(count)).withMessage("partitions must be between 1 and 4096");
    }
}
