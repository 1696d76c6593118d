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
 * for is done all the same.
 */
public final class RedisProxy implements AutoCloseable {
    private static final int BUFFER = 16_384;

    private final int target;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();
    private @Nullable String last;
    private boolean holding;

    private RedisProxy(int target, ServerSocket listener) {
        this.target = target;
        this.listener = listener;
    }

    /** Begins to pass on what comes to a free port of its own. */
    public static RedisProxy to(int port) {
        try {
            RedisProxy proxy = new RedisProxy(port, new ServerSocket(RoleProcess.freePort(), 0, InetAddress.ofLiteral("127.0.0.1")));
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
                Socket server = new Socket(InetAddress.ofLiteral("127.0.0.1"), target);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                sockets.add(client);
                sockets.add(server);
                Thread.ofVirtual().start(() -> pass(client, server, false));
                Thread.ofVirtual().start(() -> pass(server, client, true));
            }
        } catch (IOException closed) {
            // By close, which ends the connections too.
        }
    }

    private void pass(Socket from, Socket to, boolean answers) {
        byte[] buffer = new byte[BUFFER];
        try (from; to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (answers) {
                    awaitReleased();
                } else {
                    holdIfLast(new String(buffer, 0, count, StandardCharsets.UTF_8));
                }
                out.write(buffer, 0, count);
            }
        } catch (IOException | InterruptedException ended) {
            // Either side has closed, and now both have.
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private void holdIfLast(String commands) {
        lock.lock();
        try {
            holding |= last != null && commands.contains(last);
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
}
