package dev.millrace.ops.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A connection to the API that stays open, with one request on it at a time and as little around it as will do, for those who want to see the
 * answers.
 */
public final class HttpConnection implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 30_000;

    private final Socket socket;
    private final InputStream in;

    private HttpConnection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /** Connects to a port of this machine. */
    public static HttpConnection open(int port) {
        try {
            Socket socket = new Socket();
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
            return new HttpConnection(socket);
        } catch (IOException e) {
            throw new UncheckedIOException("the API does not answer on port " + port, e);
        }
    }

    /**
     * What an API answered.
     *
     * @param status such as 202
     * @param head status line and headers in lower case, with LF between them
     */
    public record Answer(int status, String head, String body) {}

    /** The bytes of a POST of JSON, to be sent any number of times. */
    public static byte[] post(String path, String apiKey, String headers, String json) {
        return post(path, "application/json", apiKey, headers, json);
    }

    /** The same of another type. */
    static byte[] post(String path, String type, String apiKey, String headers, String body) {
        return ("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Api-Key: " + apiKey + "\r\nContent-Type: " + type + "\r\n" + headers
                + "Content-Length: " + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body).getBytes(StandardCharsets.UTF_8);
    }

    /** Sends a request and reads its answer, which must say how long it is. */
    public Answer send(byte[] request) {
        try {
            socket.getOutputStream().write(request);
            String head = line();
            int status = Integer.parseInt(head, head.indexOf(' ') + 1, head.indexOf(' ') + 4, 10);
            StringBuilder all = new StringBuilder(head);
            int length = 0;
            for (String header = line(); !header.isEmpty(); header = line()) {
                all.append('\n').append(header);
                if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                    length = Integer.parseInt(header.substring(15).strip());
                }
            }
            return new Answer(status, all.toString().toLowerCase(Locale.ROOT), new String(in.readNBytes(length), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("the API broke off", e);
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder(64);
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the API closed the connection after '" + line + "'");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
