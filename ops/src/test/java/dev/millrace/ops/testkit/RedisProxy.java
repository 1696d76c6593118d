package dev.millrace.ops.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A way to a Redis that can hold back what Redis answers, while commands go on to reach it: what a client that never hears back has asked
 * for is done all the same. It can also act at the moment when a command passes.
 */
public final class RedisProxy implements AutoCloseable {
    private static final int BUFFER = 16_384;

    private final int target;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();
    // These three are guarded by the lock.
    private @Nullable String last;
    private boolean holding;
    private @Nullable Snare snare;

    private RedisProxy(int target, ServerSocket listener) {
        this.target = target;
        this.listener = listener;
    }

    /** Where on a command's way something happens. */
    public enum Point {
        /** The server has not seen it. */
        BEFORE,
        /** The server has worked it, and its client has not heard of that. */
        EXECUTED
    }

    /** What becomes of the words that were on their way. */
    public enum Words {
        /** They go on as if nothing had been. */
        GO_ON,
        /** They are lost, and the connection with them. */
        ARE_LOST
    }

    private record Snare(Point point, String text, Words words, Runnable action) {}

    /** Begins to pass on what comes to a free port of its own. */
    public static RedisProxy to(int port) {
        return at(RoleProcess.freePort(), port);
    }

    /** Begins to pass on what comes to one port to another, as when an address moves to another server. */
    public static RedisProxy at(int port, int target) {
        try {
            RedisProxy proxy = new RedisProxy(target, new ServerSocket(port, 0, InetAddress.ofLiteral("127.0.0.1")));
            Thread.ofVirtual().start(proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The address for clients. */
    public String uri() {
        return "redis://127.0.0.1:" + port();
    }

    /** The port for clients; what passes may as well be the words of another server than Redis. */
    public int port() {
        return listener.getLocalPort();
    }

    /**
     * Acts once, when the next command with this text passes. Replaces what was to be done at an earlier one that never came.
     *
     * @param action while it runs, nothing passes on that connection in that direction
     */
    public void once(Point point, String text, Words words, Runnable action) {
        lock.lock();
        try {
            snare = new Snare(point, text, words, action);
        } finally {
            lock.unlock();
        }
    }

    /** Forgets what {@link #once} has asked for. */
    public void never() {
        lock.lock();
        try {
            snare = null;
        } finally {
            lock.unlock();
        }
    }

    /** Holds all answers back, on every connection, from the moment when a command with this text has passed: its own answer first. */
    public void holdAnswersAfter(String text) {
        lock.lock();
        try {
            last = text;
        } finally {
            lock.unlock();
        }
    }

    /** Holds all answers back, on every connection, from now on. */
    public void holdAnswers() {
        lock.lock();
        try {
            holding = true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether answers are held back now. */
    public boolean isHolding() {
        lock.lock();
        try {
            return holding;
        } finally {
            lock.unlock();
        }
    }

    /** Lets held answers, and all later ones, through. */
    public void releaseAnswers() {
        lock.lock();
        try {
            last = null;
            holding = false;
            released.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                try {
                    open(client);
                } catch (IOException serverIsAway) {
                    client.close();
                }
            }
        } catch (IOException closed) {
            // By close, which ends the connections too.
        }
    }

    private void open(Socket client) throws IOException {
        Socket server = new Socket(InetAddress.ofLiteral("127.0.0.1"), target);
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        sockets.add(client);
        sockets.add(server);
        Link link = new Link(server);
        Thread.ofVirtual().start(() -> pump(client, server, link::commands));
        Thread.ofVirtual().start(() -> pump(server, client, link::answers));
    }

    private void pump(Socket from, Socket to, Passage passage) {
        byte[] buffer = new byte[BUFFER];
        try (from; to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (!passage.pass(buffer, count, out)) {
                    return;
                }
            }
        } catch (IOException | InterruptedException ended) {
            // Either side has closed, and now both have.
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private @Nullable Snare taken(String commands) {
        lock.lock();
        try {
            holding |= last != null && commands.contains(last);
            Snare set = snare;
            if (set == null || !commands.contains(set.text())) {
                return null;
            }
            snare = null;
            return set;
        } finally {
            lock.unlock();
        }
    }

    private void awaitReleased() throws InterruptedException {
        lock.lock();
        try {
            while (holding) {
                released.await();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        releaseAnswers();
    }

    /** What happens to words on their way; false ends the connection. */
    @FunctionalInterface
    private interface Passage {
        boolean pass(byte[] words, int count, OutputStream on) throws IOException, InterruptedException;
    }

    /** One client's connection. */
    private final class Link {
        private static final int TEXT_MAX = 256;

        private final Socket server;
        /** The end of what has passed, for a text that comes in two parts. */
        private String before = "";
        private volatile @Nullable Snare answerAwaited;
        private volatile boolean lost;

        Link(Socket server) {
            this.server = server;
        }

        boolean commands(byte[] words, int count, OutputStream on) throws IOException {
            if (lost) {
                return true;
            }
            String text = before + new String(words, 0, count, StandardCharsets.ISO_8859_1);
            Snare taken = taken(text);
            before = taken == null ? text.substring(Math.max(0, text.length() - TEXT_MAX)) : "";
            if (taken != null && taken.point() == Point.EXECUTED) {
                answerAwaited = taken;
            }
            if (taken != null && taken.point() == Point.BEFORE) {
                taken.action().run();
                if (taken.words() == Words.ARE_LOST) {
                    return false;
                }
            }
            on.write(words, 0, count);
            return true;
        }

        boolean answers(byte[] words, int count, OutputStream on) throws IOException, InterruptedException {
            Snare taken = answerAwaited;
            answerAwaited = null;
            if (taken != null) {
                taken.action().run();
                if (taken.words() == Words.ARE_LOST) {
                    drain();
                    return false;
                }
            }
            awaitReleased();
            on.write(words, 0, count);
            return true;
        }

        /** Lets the server finish what it has, all unheard, so that no command is cut off before it is worked. */
        private void drain() throws IOException {
            lost = true;
            server.shutdownOutput();
            server.getInputStream().transferTo(OutputStream.nullOutputStream());
        }
    }
}
