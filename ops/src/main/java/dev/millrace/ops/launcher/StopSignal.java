package dev.millrace.ops.launcher;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wish of whoever runs this process that it stop: SIGTERM, Ctrl-C, or a terminal that went away. The first is taken as a request, the
 * second ends the process at once.
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

    private final CountDownLatch first = new CountDownLatch(1);
    private final IntConsumer halt;

    StopSignal(IntConsumer halt) {
        this.halt = halt;
    }

    /** Listens from now on, in place of the JVM's own way of ending. */
    static StopSignal listen() {
        StopSignal stop = new StopSignal(Runtime.getRuntime()::halt);
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
    void raise(String name) {
        if (first.getCount() == 0) {
            LOG.warn("SIG{} again: ending at once", name);
            halt.accept(CUT_OFF);
            return;
        }
        LOG.info("SIG{}: stopping in order; once more ends at once", name);
        first.countDown();
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
