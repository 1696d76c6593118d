package dev.millrace.ingest.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class WaitingRoomTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void noMoreIsWorkedAtATimeThanThereArePlaces() throws Exception {
        WaitingRoom room = new WaitingRoom("test", 2, 100, LONG);
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch two = new CountDownLatch(2);
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> all = new ArrayList<>();
            for (int n = 0; n < 50; n++) {
                all.add(callers.submit(() -> room.call(() -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    two.countDown();
                    two.await();
                    return now.decrementAndGet();
                })));
            }
            for (Future<Integer> one : all) {
                one.get();
            }
        }
        assertThat(most).hasValue(2);
    }

    @Test
    void whoFindsNoRoomIsSentAwayAtOnce() throws Exception {
        WaitingRoom room = new WaitingRoom("test", 1, 1, LONG);
        Semaphore begun = new Semaphore(0);
        Semaphore may = new Semaphore(0);
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> worked = callers.submit(() -> room.call(() -> {
                begun.release();
                may.acquire();
                return "worked";
            }));
            begun.acquire();
            AtomicInteger refused = new AtomicInteger();
            List<Future<?>> others = new ArrayList<>();
            for (int n = 0; n < 9; n++) {
                others.add(callers.submit(() -> {
                    try {
                        assertThat(room.call(() -> "waited")).isEqualTo("waited");
                    } catch (BusyException e) {
                        refused.incrementAndGet();
                    }
                }));
            }
            // One of nine waits; were there no bound, none would be refused.
            Awaitility.await().until(() -> refused.get() == 8);
            may.release();
            for (Future<?> other : others) {
                other.get();
            }
            assertThat(worked.get()).isEqualTo("worked");
        }
    }

    @Test
    void whoWaitsTooLongLeavesAndMakesRoom() throws Exception {
        WaitingRoom room = new WaitingRoom("test", 1, 1, Duration.ofMillis(20));
        Semaphore begun = new Semaphore(0);
        Semaphore may = new Semaphore(0);
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> slow = callers.submit(() -> room.call(() -> {
                begun.release();
                may.acquire();
                return "late";
            }));
            begun.acquire();
            AtomicInteger done = new AtomicInteger();
            for (int n = 0; n < 5; n++) {
                assertThatExceptionOfType(BusyException.class).isThrownBy(() -> room.call(done::incrementAndGet));
            }
            may.release();
            assertThatExceptionOfType(Exception.class).isThrownBy(slow::get).withCauseInstanceOf(BusyException.class);
            Awaitility.await().ignoreExceptions().until(() -> room.call(() -> "free again").equals("free again"));
            assertThat(done).as("nobody works for those who have left").hasValue(0);
        }
    }

    @Test
    void aFaultOfTheWorkIsNotTakenForAFullRoom() {
        WaitingRoom room = new WaitingRoom("test", 1, 1, LONG);
        assertThatIllegalStateException().isThrownBy(() -> room.call(() -> {
            throw new ArithmeticException("broken");
        })).withRootCauseInstanceOf(ArithmeticException.class);
    }
}
