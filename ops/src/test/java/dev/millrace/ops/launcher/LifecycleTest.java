package dev.millrace.ops.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class LifecycleTest {
    private final List<String> notes = new CopyOnWriteArrayList<>();
    private final FakeService ingest = new FakeService("ingest-api", notes);
    private final FakeService processor = new FakeService("processor", notes);
    private final FakeService persister = new FakeService("persister", notes);
    private final Lifecycle lifecycle = new Lifecycle(List.of(ingest, processor, persister), Duration.ofSeconds(20));

    @Test
    void servicesStartSideBySide() {
        CyclicBarrier together = new CyclicBarrier(3);
        ingest.onStart = () -> meet(together);
        processor.onStart = () -> meet(together);
        persister.onStart = () -> meet(together);
        lifecycle.start();
        assertThat(notes).containsExactlyInAnyOrder("start ingest-api", "start processor", "start persister");
    }

    @Test
    void servicesStopInTheDirectionOfTheFlow() {
        lifecycle.start();
        notes.clear();
        lifecycle.stop();
        assertThat(notes).containsExactly("stop ingest-api", "stop processor", "stop persister");
    }

    @Test
    void aFailedStartStopsTheOthersAndIsTold() {
        IllegalStateException failure = new IllegalStateException("no Postgres");
        persister.onStart = () -> {
            throw failure;
        };
        assertThatThrownBy(lifecycle::start).isSameAs(failure);
        assertThat(notes).containsSubsequence("start ingest-api", "stop ingest-api").containsSubsequence("start processor",
                "stop processor");
    }

    @Test
    void aServiceThatFailsToStopDoesNotKeepTheOthersFromStopping() {
        ingest.onStop = () -> {
            throw new IllegalStateException("stuck");
        };
        lifecycle.stop();
        assertThat(notes).containsExactly("stop ingest-api", "stop processor", "stop persister");
    }

    @Test
    void everyStepLeavesTimeToThoseAfterIt() {
        lifecycle.stop();
        assertThat(ingest.stopWithin).isBetween(Duration.ofSeconds(15), Duration.ofSeconds(16));
        assertThat(processor.stopWithin).isBetween(Duration.ofSeconds(17), Duration.ofSeconds(18));
        assertThat(persister.stopWithin).isBetween(Duration.ofSeconds(19), Duration.ofSeconds(20));
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new AssertionError("the others were not started meanwhile", e);
        }
    }
}
