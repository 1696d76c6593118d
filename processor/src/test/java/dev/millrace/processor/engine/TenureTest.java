package dev.millrace.processor.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class TenureTest {
    private static final Lease LEASE = new Lease(7, "processor-1", 42);
    private static final Duration LONG = Duration.ofHours(1);

    @Test
    void lastsForTheTimeOfTheLease() {
        Tenure tenure = new Tenure(LEASE, System.nanoTime(), LONG);
        assertThat(tenure.over()).isFalse();
        assertThat(tenure.lease()).isEqualTo(LEASE);
    }

    @Test
    void isCountedFromBeforeTheClaimWasSent() {
        Tenure tenure = new Tenure(LEASE, System.nanoTime() - LONG.toNanos(), LONG);
        assertOver(tenure);
    }

    @Test
    void aHolderThatWasPausedFindsItOver() {
        long sent = System.nanoTime() - Duration.ofSeconds(10).toNanos();
        assertOver(new Tenure(LEASE, sent, Duration.ofSeconds(3)));
    }

    @Test
    void aRenewalLengthensIt() {
        Tenure tenure = new Tenure(LEASE, System.nanoTime() - LONG.toNanos(), LONG);
        tenure.renewed(System.nanoTime(), LONG);
        assertThat(tenure.over()).isFalse();
        assertThat(tenure.lease()).isEqualTo(LEASE);
    }

    @Test
    void aRenewalIsCountedFromBeforeItWasSent() {
        Tenure tenure = new Tenure(LEASE, System.nanoTime(), LONG);
        tenure.renewed(System.nanoTime() - LONG.toNanos(), LONG);
        assertOver(tenure);
    }

    @Test
    void aRefusedRenewalEndsItAtOnce() {
        Tenure tenure = new Tenure(LEASE, System.nanoTime(), LONG);
        tenure.lost();
        assertOver(tenure);
    }

    @Test
    void theLeaseIsStillKnownWhenItIsOver() {
        Tenure tenure = new Tenure(LEASE, System.nanoTime(), LONG);
        tenure.lost();
        assertThat(tenure.leaseUnchecked()).isEqualTo(LEASE);
    }

    private static void assertOver(Tenure tenure) {
        assertThat(tenure.over()).isTrue();
        assertThatExceptionOfType(FencedException.class).isThrownBy(tenure::lease).withMessage("partition 7 is no longer held in epoch 42");
    }
}
