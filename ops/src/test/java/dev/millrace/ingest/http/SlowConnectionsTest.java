package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Those who send or read a few bytes at a time are cut off within a bound, and hold up nobody meanwhile. */
@RealRedis
final class SlowConnectionsTest {
    private static final int SLOW = 100;
    private static final Duration DRIP = Duration.ofMillis(250);
    /** A good deal more than each may take, for slow machines. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration QUICK = Duration.ofSeconds(5);
    /** Those who come wait until as many as came before them have been let in and have had their second. */
    private static final Duration AFTER_A_CROWD = Duration.ofSeconds(20);
    private static final int CONNECTIONS = 300;
    private static final int LINES = 120_000;

    private final RedisSpace space;
    private final List<Socket> sockets = new ArrayList<>();
    private RunningApi api;

    SlowConnectionsTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void start() {
        space.clear();
        api = RunningApi.start(space, Map.of("MILLRACE_CONNECTIONS_MAX", Integer.toString(CONNECTIONS)), EventHistory.none());
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        api.close();
    }

    private synchronized Socket connect(int receiveBuffer) throws IOException {
        Socket socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), api.port()));
        sockets.add(socket);
        return socket;
    }

    /** How somebody ended who was slow: what was answered until then, and after how long. */
    private record CutOff(Duration after, String answer) {}

    /** Sends the first part at once and then the other byte by byte, over and over, until nobody takes it any more. */
    private CutOff drip(String first, String drops) throws IOException {
        long begin = System.nanoTime();
        Socket socket = connect(0);
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream();
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try {
            out.write(first.getBytes(StandardCharsets.US_ASCII));
            socket.setSoTimeout((int) DRIP.toMillis());
            for (int drop = 0; System.nanoTime() - begin < PATIENCE.toNanos(); drop++) {
                out.write(drops.charAt(drop % drops.length()));
                try {
                    int read = in.read();
                    if (read < 0) {
                        break;
                    }
                    answer.write(read);
                    answer.write(in.readNBytes(in.available()));
                } catch (SocketTimeoutException stillOpen) {
                    // As long as it takes more, it gets more.
                }
            }
        } catch (IOException closed) {
            // So it is cut off.
        }
        return new CutOff(Duration.ofNanos(System.nanoTime() - begin), answer.toString(StandardCharsets.UTF_8));
    }

    @Test
    void headsThatTrickleInAreCutOff() throws Exception {
        List<CutOff> all = whileOthersAreServed(() -> drip("GET /livez HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n"));

        assertThat(all).allSatisfy(cut -> {
            assertThat(cut.after()).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(45));
            assertThat(cut.answer()).isEmpty();
        });
        assertThat(cutOff("head")).isEqualTo(SLOW);
    }

    @Test
    void aHeadThatTricklesInBehindAWholeRequestIsCutOffToo() throws IOException {
        CutOff cut = drip("GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /livez HTTP/1.1\r\n", "X-A: b\r\n");

        assertThat(cut.after()).isLessThan(Duration.ofSeconds(45));
        assertThat(cut.answer()).startsWith("HTTP/1.1 200 ").containsOnlyOnce("HTTP/1.1");
    }

    @Test
    void bodiesThatTrickleInAreCutOff() throws Exception {
        String head = "POST /v1/events HTTP/1.1\r\nHost: x\r\nX-Api-Key: " + api.key() + "\r\nContent-Length: 60000\r\nContent-Type: ";
        List<CutOff> all = new ArrayList<>();
        all.addAll(whileOthersAreServed(() -> drip(head + "application/json\r\n\r\n{", " ")));
        all.add(drip(head + "application/x-ndjson\r\n\r\n", "\n"));

        assertThat(all).allSatisfy(cut -> {
            assertThat(cut.after()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(45));
            assertThat(cut.answer()).startsWith("HTTP/1.1 408 ").contains("/problems/timeout");
        });
        assertThat(api.queued()).as("what others posted").isPositive();
    }

    @Test
    void whoDoesNotTakeAnAnswerIsCutOff() throws Exception {
        byte[] lines = "{}\n".repeat(LINES).getBytes(StandardCharsets.US_ASCII);
        String head = "POST /v1/events HTTP/1.1\r\nHost: x\r\nX-Api-Key: " + api.key() + "\r\nContent-Length: " + lines.length
                + "\r\nContent-Type: application/x-ndjson\r\n\r\n";
        for (int reader = 0; reader < 4; reader++) {
            Socket socket = connect(4 << 10);
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(lines);
        }
        try (ExecutorService drops = Executors.newVirtualThreadPerTaskExecutor()) {
            // One reads nothing; the others read something now and then, which keeps a connection from being idle.
            for (Socket socket : sockets.subList(1, 4)) {
                var _ = drops.submit(() -> {
                    while (socket.getInputStream().readNBytes(100).length == 100) {
                        LockSupport.parkNanos(DRIP.toNanos());
                    }
                    return null;
                });
            }
            await().atMost(PATIENCE).until(() -> {
                assertServed(QUICK);
                return cutOff("answer") == 4;
            });
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void connectionsThatNobodyUsesAreBounded() throws IOException {
        for (int idle = 0; idle < 4 * CONNECTIONS; idle++) {
            connect(0);
            assertThat(connections()).isLessThanOrEqualTo(CONNECTIONS);
        }
        for (int others = 0; others < 20; others++) {
            assertServed(AFTER_A_CROWD);
            assertThat(connections()).isLessThanOrEqualTo(CONNECTIONS);
        }
    }

    private double connections() {
        return api.metrics().get("millrace_http_connections").gauge().value();
    }

    private double cutOff(String type) {
        return api.metrics().get("millrace_http_cut_off_total").tag("type", type).counter().count();
    }

    /** Somebody who is slow. */
    @FunctionalInterface
    private interface Sending {
        CutOff send() throws IOException;
    }

    private List<CutOff> whileOthersAreServed(Sending sending) throws Exception {
        try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<CutOff>> slow = new ArrayList<>();
            for (int sender = 0; sender < SLOW; sender++) {
                slow.add(senders.submit(sending::send));
            }
            await().atMost(PATIENCE).until(() -> {
                assertServed(QUICK);
                return slow.stream().allMatch(Future::isDone);
            });
            List<CutOff> all = new ArrayList<>();
            for (Future<CutOff> one : slow) {
                all.add(one.get(1, TimeUnit.SECONDS));
            }
            return all;
        }
    }

    private void assertServed(Duration within) {
        long begin = System.nanoTime();
        assertThat(api.get("/v1/boards/main/top").status()).isEqualTo(200);
        assertThat(api.post("/v1/scores", "{\"player\":\"alice\",\"add\":1}").status()).isEqualTo(202);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(within);
    }
}
