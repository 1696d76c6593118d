package dev.millrace.ops.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports on 127.0.0.1 for servers to listen on. */
final class LoopbackPort {
    /**
     * Free ports come from below the range that systems hand out to outgoing connections (Linux from 32768, macOS from 49152). Inside that
     * range a client that keeps trying to reach a stopped server can be given the server's own port, and the server could not come back.
     * Redis Cluster's bus, 10,000 above, mostly stays clear of it too.
     */
    private static final int LOWEST = 10_000;
    private static final int HIGHEST = 22_000;
    private static final int TRIES = 200;

    private LoopbackPort() {}

    static InetAddress address() {
        return InetAddress.ofLiteral("127.0.0.1");
    }

    /** A port that nobody listens on at this moment. */
    static int free() {
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            if (isFree(port)) {
                return port;
            }
        }
        throw new StartupException("No free port was found on 127.0.0.1 between " + LOWEST + " and " + HIGHEST + "; close some programs.");
    }

    static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }

    static StartupException busy(int port, String server) {
        return new StartupException("Port " + port + " on 127.0.0.1 is taken by another program, so the embedded " + server
                + " can't start; stop that program or choose another port.");
    }
}
