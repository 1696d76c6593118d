package dev.millrace.ops.embedded;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One plain connection to a Redis on this machine, just enough of RESP to ask it how it is: a client library would cost more time to load
 * than Redis takes to start.
 */
public final class RedisWire implements AutoCloseable {
    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(10);

    private final Socket socket;
    private final InputStream in;

    private RedisWire(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /**
     * Runs one command on a connection of its own, for probes and tests.
     *
     * @return the text of a simple, bulk or integer answer; null for a null answer; an array as its items, each on a line
     * @throws UncheckedIOException when Redis does not answer within 10 s or answers with an error, whose text is the message's end
     */
    public static @Nullable String command(int port, @Nullable String password, String... words) {
        try (RedisWire wire = open(port, password, COMMAND_LIMIT)) {
            return wire.ask(words);
        } catch (IOException e) {
            throw new UncheckedIOException("Redis on port " + port + ", " + words[0] + ": " + e.getMessage(), e);
        }
    }

    /** Connects, and authenticates if there is a password. */
    static RedisWire open(int port, @Nullable String password, Duration limit) throws IOException {
        int limitMillis = Math.toIntExact(limit.toMillis());
        Socket socket = new Socket();
        boolean open = false;
        try {
            socket.connect(new InetSocketAddress(LoopbackPort.address(), port), limitMillis);
            socket.setSoTimeout(limitMillis);
            socket.setTcpNoDelay(true);
            RedisWire wire = new RedisWire(socket);
            if (password != null) {
                wire.ask("AUTH", password);
            }
            open = true;
            return wire;
        } finally {
            if (!open) {
                socket.close();
            }
        }
    }

    /**
     * Sends one command and reads its answer.
     *
     * @return the text of a simple, bulk or integer answer; null for a null answer; an array as its items, each on a line
     * @throws RefusedException when Redis answers with an error
     */
    @Nullable String ask(String... words) throws IOException {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.write(line("*" + words.length));
        for (String word : words) {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            request.write(line("$" + bytes.length));
            request.write(bytes);
            request.write(line(""));
        }
        socket.getOutputStream().write(request.toByteArray());
        return answer();
    }

    private @Nullable String answer() throws IOException {
        String head = readLine();
        String rest = head.substring(1);
        return switch (head.charAt(0)) {
            case '+', ':' -> rest;
            case '-' -> throw new RefusedException(rest);
            case '$' -> rest.equals("-1") ? null : bulk(Integer.parseInt(rest));
            case '*' -> rest.equals("-1") ? null : array(Integer.parseInt(rest));
            default -> throw new IOException("this is no Redis: it answered " + head);
        };
    }

    private String bulk(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        readLine();
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String array(int items) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < items; i++) {
            text.append(i == 0 ? "" : "\n").append(answer());
        }
        return text.toString();
    }

    private String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("Redis closed the connection");
            }
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private static byte[] line(String text) {
        return (text + "\r\n").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** Redis's own error answer, code first ({@code LOADING Redis is loading the dataset in memory}). */
    static final class RefusedException extends IOException {
        RefusedException(String answer) {
            super(answer);
        }
    }
}
