package dev.millrace.ingest.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sends bytes over a connection of their own, and reads what is answered until the other end closes. */
final class WireAnswers {
    private static final Pattern STATUS = Pattern.compile("^HTTP/1\\.[01] (\\d{3}) .*");
    private static final Pattern NO_BODY = Pattern.compile("1..|204|304");
    private static final Pattern LENGTH = Pattern.compile("(?im)^content-length: (\\d+)\\r?$");
    private static final Pattern REPLAYED = Pattern.compile("(?im)^idempotency-replayed: true\\r?$");

    private WireAnswers() {}

    /** One answer. */
    record WireAnswer(int status, boolean replayed, String body) {}

    /**
     * All answers to what was sent, which may be no request, one or several.
     *
     * @param request its bytes, each as a character
     * @param head whether they have no bodies, whatever length they say
     * @throws SocketTimeoutException if the other end neither answers nor closes in time
     */
    static List<WireAnswer> to(URI api, String request, boolean head, Duration hung) throws IOException {
        try (Socket socket = new Socket(InetAddress.getByName(api.getHost()), api.getPort())) {
            socket.setSoTimeout((int) hung.toMillis());
            send(socket, request.getBytes(ISO_8859_1));
            return parsed(received(socket), head);
        }
    }

    private static void send(Socket socket, byte[] request) {
        try {
            OutputStream out = socket.getOutputStream();
            out.write(request);
            socket.shutdownOutput();
        } catch (IOException closed) {
            // It has had enough; what it said before is still to be read.
        }
    }

    private static byte[] received(Socket socket) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[8 << 10];
        try {
            InputStream in = socket.getInputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                all.write(buffer, 0, read);
            }
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException reset) {
            // It closed with something of ours unread.
        }
        return all.toByteArray();
    }

    private static List<WireAnswer> parsed(byte[] received, boolean head) {
        List<WireAnswer> answers = new ArrayList<>();
        String text = new String(received, ISO_8859_1);
        int at = 0;
        while (at < text.length()) {
            int end = text.indexOf("\r\n\r\n", at);
            if (end < 0) {
                break;
            }
            String fields = text.substring(at, end);
            Matcher status = STATUS.matcher(fields.lines().findFirst().orElse(""));
            if (!status.matches()) {
                throw new AssertionError("no HTTP: " + fields);
            }
            Matcher length = LENGTH.matcher(fields);
            boolean none = head || NO_BODY.matcher(status.group(1)).matches();
            int begin = end + 4;
            int bytes = none ? 0 : length.find() ? Integer.parseInt(length.group(1)) : text.length() - begin;
            at = Math.min(text.length(), begin + bytes);
            answers.add(new WireAnswer(Integer.parseInt(status.group(1)), REPLAYED.matcher(fields).find(),
                    new String(received, begin, at - begin, UTF_8)));
        }
        return answers;
    }
}
