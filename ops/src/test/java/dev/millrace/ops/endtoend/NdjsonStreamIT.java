package dev.millrace.ops.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.ops.testkit.RoleProcess;
import dev.millrace.ops.testkit.workload.HttpDoor;
import dev.millrace.schema.event.Priority;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** One request of more than the API's whole heap, which takes it as it comes and answers as it goes. */
@RealRedis
@RealPostgres
final class NdjsonStreamIT {
    private static final String CLIENT = "producer";
    private static final int LINES = 200_000;
    private static final int PLAYERS = 1_000;
    /** Spaces in a line, so that more comes than is kept. */
    private static final String PADDING = " ".repeat(1_500);

    private final RedisSpace redis;
    private final Installation installation;

    NdjsonStreamIT(RedisSpace redis, PostgresDatabase postgres) {
        this.redis = redis;
        this.installation = new Installation(redis.uri(), postgres.url(), postgres.jdbcUrl(), Map.of());
    }

    @AfterEach
    void close() throws Exception {
        installation.close();
    }

    @Test
    void twoHundredThousandLinesAreAppendedInTheirOrderByAProcessThatCouldNotHoldThem() throws Exception {
        RoleProcess api = installation.launch(Installation.INGEST_API).awaitReady();
        URI uri = api.api();
        String key = HttpDoor.createClient(uri, Installation.ADMIN_KEY, CLIENT);
        try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> send(socket, key));
            InputStream answer = new BufferedInputStream(socket.getInputStream());
            assertThat(readHead(answer)).startsWith("HTTP/1.1 200 ").contains("\r\nTransfer-Encoding: chunked\r\n");
            assertThat(acceptedInOrder(new Chunks(answer))).isEqualTo(LINES);
            sending.get(60, TimeUnit.SECONDS);
        }
        assertThat(queued()).isEqualTo(LINES);
    }

    private static void send(Socket socket, String key) {
        try {
            OutputStream out = socket.getOutputStream();
            out.write(("POST /v1/events HTTP/1.1\r\nHost: x\r\nX-Api-Key: " + key
                    + "\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n").getBytes(UTF_8));
            StringBuilder piece = new StringBuilder();
            for (int line = 0; line < LINES; line++) {
                piece.append("{\"type\":\"score.add\",").append(PADDING).append("\"data\":{\"player\":\"p").append(line % PLAYERS)
                        .append("\",\"value\":").append(line).append("}}\n");
                if (line % 64 == 63 || line == LINES - 1) {
                    byte[] bytes = piece.toString().getBytes(UTF_8);
                    out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(UTF_8));
                    out.write(bytes);
                    out.write("\r\n".getBytes(UTF_8));
                    piece.setLength(0);
                }
            }
            out.write("0\r\n\r\n".getBytes(UTF_8));
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("the answer ends in its head: " + head);
            }
            head.append((char) octet);
        }
        return head.toString();
    }

    /** How many items were accepted, one after the other from 0; also what the answer itself says of it. */
    private static long acceptedInOrder(InputStream answer) {
        long items = 0;
        long accepted = -1;
        try (JsonParser in = new JsonFactory().createParser(ObjectReadContext.empty(), answer)) {
            for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
                if (token != JsonToken.PROPERTY_NAME) {
                    continue;
                }
                String name = in.currentName();
                in.nextToken();
                switch (name) {
                    case "index" -> assertThat(in.getLongValue()).isEqualTo(items++);
                    case "status" -> assertThat(in.getIntValue()).isEqualTo(202);
                    case "accepted" -> accepted = in.getLongValue();
                    case "errors" -> assertThat(in.getBooleanValue()).isFalse();
                    default -> {
                    }
                }
            }
        }
        assertThat(accepted).isEqualTo(items);
        return items;
    }

    private long queued() {
        long queued = 0;
        for (int partition = 0; partition < installation.namespace.partitions().count(); partition++) {
            queued += Long.parseLong(
                    String.valueOf(redis.server().command("XLEN", installation.namespace.keys().events(partition, Priority.NORMAL))));
        }
        return queued;
    }

    /** The body of a chunked answer. */
    private static final class Chunks extends InputStream {
        private final InputStream in;
        private int left;
        private boolean ended;

        Chunks(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] buffer, int from, int length) throws IOException {
            if (left == 0 && !ended) {
                left = Integer.parseInt(line(), 16);
                ended = left == 0;
            }
            if (ended) {
                return -1;
            }
            int read = in.read(buffer, from, Math.min(length, left));
            if (read < 0) {
                throw new IOException("the answer breaks off");
            }
            left -= read;
            if (left == 0) {
                line();
            }
            return read;
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int octet = in.read(); octet != '\n'; octet = in.read()) {
                if (octet < 0) {
                    throw new IOException("the answer breaks off");
                }
                if (octet != '\r') {
                    line.append((char) octet);
                }
            }
            return line.toString();
        }
    }
}
