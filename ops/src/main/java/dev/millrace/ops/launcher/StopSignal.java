package dev.millrace.ops.launcher;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wish of whoever runs this process that it stop: SIGTERM, Ctrl-C, or a terminal that went away. The first is taken as a request, a
 * later one ends the process at once.
 *
 * <p>
 * A shutdown hook can do neither: hooks run side by side, so that servers would stop under the services that still drain into them; the JVM
 * swallows a second signal meanwhile; and it would exit with 143 after a stop in perfect order. {@code sun.misc.Signal}, which every JDK has
 * though the compiler warns of its name, is therefore reached by reflection.
 */
final class StopSignal {
    private static final Logger LOG = LoggerFactory.getLogger(StopSignal.class);
    private static final List<String> SIGNALS = List.of("TERM", "INT", "HUP");
    /** What a shell reports of a process that was ended by SIGTERM. */
    private static final int CUT_OFF = 143;

    /** Tools such as {@code timeout} signal the process and then its group, so that one wish comes twice. */
    private static final Duration SAME_WISH = Duration.ofMillis(500);

    private final CountDownLatch first = new CountDownLatch(1);
    private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
    private final LongSupplier nanoTime;
    private final IntConsumer halt;
    private long firstAt;

    /**
     * Makes one that hears nothing by itself.
     *
     * @param halt ends the process with an exit code
     */
    StopSignal(LongSupplier nanoTime, IntConsumer halt) {
        this.nanoTime = nanoTime;
        this.halt = halt;
    }

    /** Listens from now on, in place of the JVM's own way of ending. */
    static StopSignal listen() {
        StopSignal stop = new StopSignal(System::nanoTime, Runtime.getRuntime()::halt);
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            for (String name : SIGNALS) {
                InvocationHandler raise = (proxy, method, arguments) -> {
                    if (method.getName().equals("handle")) {
                        stop.raise(name);
                    }
                    return null;
                };
                Object listener = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[]{handler}, raise);
                signal.getMethod("handle", signal, handler).invoke(null, signal.getConstructor(String.class).newInstance(name), listener);
            }
            return stop;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java runtime lacks the module jdk.unsupported; use a whole JDK or JRE", e);
        }
    }

    /** Called on a thread of its own for each signal. */
    synchronized void raise(String name) {
        if (!raised()) {
            LOG.info("SIG{}: stopping in order; once more ends at once", name);
            firstAt = nanoTime.getAsLong();
            first.countDown();
        } else if (nanoTime.getAsLong() - firstAt > SAME_WISH.toNanos()) {
            LOG.warn("SIG{} again: ending at once", name);
            halt.accept(CUT_OFF);
        }
    }

    /** Asks to stop because this process can't go on; it ends in order and as a failure. */
    synchronized void fail(String why) {
        failure.compareAndSet(null, why);
        firstAt = nanoTime.getAsLong();
        first.countDown();
    }

    /** Why this process can't go on, if that is why it stops. */
    Optional<String> failure() {
        return Optional.ofNullable(failure.get());
    }

    /** Whether someone has asked. */
    boolean raised() {
        return first.getCount() == 0;
    }

    /** Waits until someone asks. An interrupt asks too. */
    void await() {
        try {
            first.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
