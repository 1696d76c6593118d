package dev.millrace.ops.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Requests made beforehand, sent to a server of this machine on connections that stay open, one at a time on each. One thread sends and reads
 * all, because the load shares the processors with what is measured: a system call a request and one an answer is most of what it costs.
 */
final class HttpLoad implements AutoCloseable {
    private static final int TIMEOUT_SECONDS = 30;
    /** Selectors wait for whole milliseconds; what is due sooner is waited for in steps of this. */
    private static final long STEP_NANOS = 50_000;

    private final Selector selector;
    private final List<SocketChannel> channels = new ArrayList<>();
    private final Deque<Exchange> free = new ArrayDeque<>();

    private HttpLoad(Selector selector) {
        this.selector = selector;
    }

    /** Connects to a port of this machine. */
    static HttpLoad open(int port, int connections) {
        try {
            HttpLoad load = new HttpLoad(Selector.open());
            for (int i = 0; i < connections; i++) {
                SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                load.channels.add(channel);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.configureBlocking(false);
                load.free.add(new Exchange(channel, channel.register(load.selector, SelectionKey.OP_READ)));
            }
            return load;
        } catch (IOException e) {
            throw new UncheckedIOException("nothing answers on port " + port, e);
        }
    }

    /**
     * What a load came to.
     *
     * @param micros what each request took, from when it was due
     * @param nanos what all took together
     * @param ownMicros processor time that sending and reading took
     */
    record Came(Histogram micros, long nanos, long ownMicros) {
        double perSecond() {
            return Progress.perSecond(micros.getTotalCount(), nanos);
        }

        double millis(double percentile) {
            return micros.getValueAtPercentile(percentile) / 1_000.0;
        }
    }

    /** When each of the requests is to be sent. */
    @FunctionalInterface
    private interface Schedule {
        long due(int request, long now);
    }

    /**
     * Sends each request as soon as a connection is free, in their order.
     *
     * @param status that every answer must have
     * @throws MismatchException if one has another, or none comes for half a minute
     */
    Came asFastAsItGoes(List<byte[]> requests, int status) throws InterruptedException {
        return send(requests, status, (_, now) -> now);
    }

    /** The same at a steady pace; a request that finds no connection free waits for one, and its time runs all the same. */
    Came steadily(List<byte[]> requests, int status, double perSecond) throws InterruptedException {
        Pace pace = Pace.fromNow(perSecond);
        return send(requests, status, (request, _) -> pace.due(request));
    }

    private Came send(List<byte[]> requests, int status, Schedule schedule) throws InterruptedException {
        Histogram micros = new Histogram(3);
        long ownBefore = ownMicros();
        long start = System.nanoTime();
        try {
            int next = 0;
            while (micros.getTotalCount() < requests.size()) {
                long now = System.nanoTime();
                long due = now;
                while (next < requests.size() && !free.isEmpty()) {
                    due = schedule.due(next, now);
                    if (due > now) {
                        break;
                    }
                    free.remove().begin(requests.get(next), due);
                    next++;
                }
                await(next < requests.size() && !free.isEmpty() ? due - now : TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS));
                take(status, micros);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the server broke off", e);
        }
        return new Came(micros, System.nanoTime() - start, ownMicros() - ownBefore);
    }

    private void await(long nanos) throws IOException, InterruptedException {
        long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
        int ready = millis > 0 ? selector.select(millis) : selector.selectNow();
        if (ready == 0 && millis == 0) {
            LockSupport.parkNanos(Math.min(nanos, STEP_NANOS));
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (ready == 0 && millis >= TimeUnit.SECONDS.toMillis(TIMEOUT_SECONDS)) {
            throw new MismatchException("no answer to any request for " + TIMEOUT_SECONDS + " s");
        }
    }

    private void take(int status, Histogram micros) throws IOException {
        for (SelectionKey key : selector.selectedKeys()) {
            Exchange exchange = (Exchange) key.attachment();
            if (key.isWritable()) {
                exchange.write();
            }
            if (key.isReadable() && exchange.read(status)) {
                micros.recordValue(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - exchange.since()));
                free.add(exchange);
            }
        }
        selector.selectedKeys().clear();
    }

    private static long ownMicros() {
        return TimeUnit.NANOSECONDS.toMicros(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime());
    }

    @Override
    public void close() {
        try {
            selector.close();
            for (SocketChannel channel : channels) {
                channel.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A connection, and the request that is under way on it. */
    private static final class Exchange {
        private final SocketChannel channel;
        private final SelectionKey key;
        private final HttpAnswer answer = new HttpAnswer();
        private ByteBuffer request = ByteBuffer.allocate(0);
        private long since;

        Exchange(SocketChannel channel, SelectionKey key) {
            this.channel = channel;
            this.key = key;
            key.attach(this);
        }

        long since() {
            return since;
        }

        void begin(byte[] bytes, long due) throws IOException {
            request = ByteBuffer.wrap(bytes);
            since = due;
            write();
        }

        void write() throws IOException {
            channel.write(request);
            int wanted = request.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
            if (key.interestOps() != wanted) {
                key.interestOps(wanted);
            }
        }

        boolean read(int status) throws IOException {
            boolean whole = answer.read(channel);
            if (whole) {
                answer.requireStatus(status);
                answer.clear();
            }
            return whole;
        }
    }
}
