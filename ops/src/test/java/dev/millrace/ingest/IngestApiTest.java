package dev.millrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.service.Health.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RealRedis(own = true)
final class IngestApiTest {
    private final RedisSpace space;
    private final EmbeddedRedis server;

    IngestApiTest(RedisSpace space, EmbeddedRedis server) {
        this.space = space;
        this.server = server;
    }

    @BeforeEach
    void clear() {
        space.clear();
    }

    @Test
    void startAndStopAreRepeatable() {
        IngestApi api = api(Map.of());
        assertThat(api.health().status()).isEqualTo(Status.DOWN);
        api.stop(Duration.ofSeconds(1));

        for (int round = 0; round < 3; round++) {
            api.start();
            int port = api.port();
            api.start();
            assertThat(api.port()).isEqualTo(port);
            assertThat(api.health().status()).isEqualTo(Status.UP);
            api.stop(Duration.ofSeconds(5));
            api.stop(Duration.ofSeconds(5));
            assertThat(api.health().status()).isEqualTo(Status.DOWN);
            assertThatThrownBy(api::port).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void anyoneIsToldHowManyAddressesAreAwayButNotWhich() {
        assertThat(IngestApi.counted(List.of("10.0.0.1:6379"))).isEqualTo("away at 1 address");
        assertThat(IngestApi.counted(List.of("10.0.0.1:6379", "10.0.0.2:6379"))).isEqualTo("away at 2 addresses");
    }

    @Test
    void whoIsConnectedWhileItStopsIsAnsweredAndTold() throws Exception {
        IngestApi api = api(Map.of());
        api.start();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
            assertThat(ask(client)).startsWith("HTTP/1.1 200").doesNotContain("Connection: close");
            Thread stopping = Thread.ofVirtual().start(() -> api.stop(Duration.ofSeconds(5)));
            await().until(() -> api.health().status() == Status.DOWN);

            assertThat(ask(client)).startsWith("HTTP/1.1 200").contains("Connection: close");
            stopping.join();
        }
    }

    /** The head of the answer. */
    private static String ask(Socket client) throws IOException {
        client.getOutputStream().write("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        StringBuilder head = new StringBuilder();
        int length = 0;
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) client.getInputStream().read());
        }
        for (String line : head.toString().split("\r\n", -1)) {
            if (line.regionMatches(true, 0, "Content-Length: ", 0, 16)) {
                length = Integer.parseInt(line.substring(16));
            }
        }
        client.getInputStream().readNBytes(length);
        return head.toString();
    }

    @Test
    void aPortThatIsTakenIsSaidInOneLine() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("0.0.0.0"))) {
            IngestApi api = api(Map.of("PORT", Integer.toString(taken.getLocalPort())));

            assertThatThrownBy(api::start).isInstanceOf(IllegalStateException.class).hasMessageContaining("port " + taken.getLocalPort())
                    .hasMessageContaining("set PORT");
            assertThat(api.health().status()).isEqualTo(Status.DOWN);
        }
    }

    @Test
    void anEventTypeThatCanNotBeStopsTheStartWithOneLine(@TempDir Path types) throws IOException {
        IngestApi api = api(Map.of("MILLRACE_TYPES", types.toString()));
        Files.writeString(types.resolve("order.paid.json"), "{\"type\":\"objekt\"}");
        assertThatThrownBy(api::start).isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("the schema of event type order.paid is no JSON Schema").message().doesNotContain("\n");
        Files.writeString(types.resolve("order.paid.json"), "{}");
        Files.writeString(types.resolve("score.add.json"), "{}");
        assertThatThrownBy(api::start).isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("MILLRACE_TYPES holds score.add.json");
        assertThat(api.health().status()).isEqualTo(Status.DOWN);
        Files.delete(types.resolve("score.add.json"));
        api.start();
        api.stop(Duration.ofSeconds(5));
    }

    @Test
    void aRedisThatWouldEvictEventsIsRefused() {
        server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        try {
            assertThatThrownBy(() -> api(Map.of()).start()).hasMessageContaining("maxmemory-policy noeviction");
        } finally {
            server.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
        }
    }

    @Test
    void whatIsUnderWayAtAStopIsFinished() throws Exception {
        RunningApi running = RunningApi.start(space);
        int port = running.port();
        String body = "{\"player\":\"alice\",\"add\":1}";
        long lookups = lookups();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            send(socket, "POST /v1/scores HTTP/1.1\r\nHost: x\r\nX-Api-Key: " + running.key()
                    + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n");
            // Once the key was looked up, the request waits for its body.
            await().until(() -> lookups() > lookups);
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> running.api().stop(Duration.ofSeconds(15)));
            await().until(() -> refusesConnections(port));
            assertThat(stopped).isNotDone();

            send(socket, body);

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).startsWith("HTTP/1.1 202 ");
            stopped.get(20, TimeUnit.SECONDS);
        }
        assertThat(running.queued()).isEqualTo(1);
        running.close();
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static boolean refusesConnections(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return false;
        } catch (ConnectException e) {
            return true;
        }
    }

    /** How many GETs Redis has run: one for each key that was looked up. */
    private long lookups() {
        return String.valueOf(server.command("INFO", "commandstats")).lines().filter(line -> line.startsWith("cmdstat_get:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("cmdstat_get:calls=([0-9]+),.*", "$1"))).sum();
    }

    private IngestApi api(Map<String, String> environment) {
        return new IngestApi(RunningApi.settings(space, environment), new SimpleMeterRegistry(), EventHistory.none());
    }
}
