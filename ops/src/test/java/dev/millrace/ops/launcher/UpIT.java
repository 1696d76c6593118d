package dev.millrace.ops.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.testkit.Documentation;
import dev.millrace.ops.testkit.MillraceProcess;
import dev.millrace.ops.testkit.TestFolders;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace up} as a person runs it: a process, a data folder, HTTP, SQL, signals. All tests share the folder, as days of use do. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UpIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration SOON = Duration.ofSeconds(2);
    private static final Duration AFTER_A_CRASH = Duration.ofSeconds(20);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path home = TestFolders.fresh("up");
    private final Path data = home.resolve("data");
    private MillraceProcess up;
    private int clients;

    @BeforeEach
    void run() throws IOException {
        Files.createDirectories(home);
        if (up == null || !up.handle().isAlive()) {
            up = start();
        }
    }

    @AfterAll
    void end() {
        up.terminate();
        up.exitCode();
        http.close();
    }

    @Test
    void aScoreIsOnTheBoardSoonAndInTheBooks() throws Exception {
        String key = newClient();
        HttpResponse<String> accepted = post("/v1/scores", key, "{\"player\":\"ada\",\"add\":42,\"name\":\"Ada\"}");
        assertThat(accepted.statusCode()).isEqualTo(202);
        String event = json(accepted).get("id").asString();
        await().atMost(SOON).pollInterval(Duration.ofMillis(10)).until(() -> scores(key).equals(Map.of("ada", 42L)));
        await().atMost(AFTER_A_CRASH).until(() -> count("select count(*) from score_events where event_id = ?", event) == 1);
        assertThat(count("select score from leaderboard where client_id = ? and user_id = 'ada'", "client" + clients)).isEqualTo(42);
        assertThat(json(get("/v1/events/" + event, key)).get("status").asString()).isEqualTo("completed");
    }

    @Test
    void whatWasAcceptedBeforeAKillIsThereOnceAfterTheNextStart() throws Exception {
        String key = newClient();
        int sent = 40;
        for (int i = 0; i < sent; i++) {
            assertThat(post("/v1/scores", key, "{\"player\":\"bob\",\"add\":1}").statusCode()).isEqualTo(202);
        }
        up.kill();
        up = start();
        String client = "client" + clients;
        await().atMost(AFTER_A_CRASH).until(() -> scores(key).equals(Map.of("bob", (long) sent)));
        await().atMost(AFTER_A_CRASH).until(() -> count("select score from leaderboard where client_id = ?", client) == sent);
        assertThat(count("select count(*) from score_events where client_id = ?", client)).isEqualTo(sent);
        assertThat(count("select count(distinct event_id) from score_events where client_id = ?", client)).isEqualTo(sent);
    }

    @Test
    void itEndsInOrderWhenToldToAndLeavesNoProcessBehind() throws Exception {
        String key = newClient();
        assertThat(post("/v1/scores", key, "{\"player\":\"cleo\",\"set\":7}").statusCode()).isEqualTo(202);
        List<ProcessHandle> servers = up.handle().descendants().toList();
        assertThat(servers).isNotEmpty();
        Map<String, String> before = env();

        up.terminate();
        assertThat(up.exitCode()).isZero();
        assertThat(up.err().lines().map(line -> line.replaceAll(".*: (.*) stopped in \\d+ ms", "$1"))).containsSubsequence("ingest-api",
                "processor",
                "persister", "Redis and Postgres");
        assertThat(servers).noneMatch(ProcessHandle::isAlive);
        assertThat(ProcessHandle.allProcesses().map(process -> process.info().commandLine().orElse("")))
                .noneMatch(line -> line.contains(data.toString()));

        up = start();
        assertThat(env()).containsEntry("MILLRACE_ADMIN_KEY", before.get("MILLRACE_ADMIN_KEY"));
        assertThat(scores(key)).isEqualTo(Map.of("cleo", 7L));
    }

    @Test
    void aSecondUpOnTheSameFolderSaysWhoHasIt() {
        try (MillraceProcess second = MillraceProcess.start(Map.of("MILLRACE_DATA", data.toString()), "up")) {
            assertThat(second.exitCode()).isEqualTo(1);
            assertThat(second.err()).startsWith("millrace: ").contains(data.toString(), Long.toString(up.handle().pid())).hasLineCount(1);
            assertThat(second.out()).isEmpty();
        }
        assertThat(up.handle().isAlive()).isTrue();
    }

    @Test
    void theCommandsItPrintsWorkAsPrinted() throws Exception {
        String commands = up.out().lines().filter(line -> line.startsWith("  ")).collect(Collectors.joining("\n"));
        assertThat(commands).contains("/v1/clients", "/v1/scores");
        await().atMost(AFTER_A_CRASH)
                .untilAsserted(() -> assertThat(shell(commands)).containsSubsequence("\"status\"", "\"player\":\"ada\"", "42"));
    }

    @Test
    void theReadmesFirstStepsWork() throws Exception {
        String steps = Documentation.between("try", "README.md").replace("```sh", "").replace("```", "");
        String[] answers = shell(steps + "\necho\necho $KEY").strip().split("\n(?=[^\n]*$)", 2);
        assertThat(answers[0].split("HTTP/1.1 202", -1)).as(answers[0]).hasSize(3);
        await().atMost(SOON).until(() -> scores(answers[1]).equals(Map.of("ada", 120L, "bob", 300L)));
    }

    @Test
    void itsAddressesAndKeysAreInAFileOfItsOwnersAlone() throws Exception {
        Path file = data.resolve("millrace.env");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        assertThat(up.out().lines().limit(5).toList()).allSatisfy(line -> assertThat(Files.readAllLines(file)).contains(line));
        assertThat(shell(". data/millrace.env; echo $API_URL $MANAGEMENT_URL $REDIS_URL $DATABASE_URL $MILLRACE_ADMIN_KEY").strip())
                .isEqualTo(env().entrySet().stream().map(Map.Entry::getValue).collect(Collectors.joining(" ")));
        assertThat(get(env().get("MANAGEMENT_URL"), "/readyz", "").statusCode()).isEqualTo(200);
    }

    @Test
    void whoReadTheFileIntoTheEnvironmentCanStartAgain() {
        Map<String, String> exported = env();
        up.terminate();
        assertThat(up.exitCode()).isZero();
        Map<String, String> environment = new HashMap<>(exported);
        environment.put("MILLRACE_DATA", "data");
        up = MillraceProcess.startIn(home, environment, "up");
        up.awaitText("Ready after");
        assertThat(env().get("MILLRACE_ADMIN_KEY")).isEqualTo(exported.get("MILLRACE_ADMIN_KEY"));
    }

    private MillraceProcess start() {
        MillraceProcess started = MillraceProcess.startIn(home, Map.of("MILLRACE_DATA", "data"), "up");
        started.awaitText("Ready after");
        return started;
    }

    /** The lines that it printed first, in their order. */
    private Map<String, String> env() {
        return up.out().lines().limit(5).map(line -> line.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1], (a, b) -> a,
                        java.util.LinkedHashMap::new));
    }

    private String newClient() throws IOException, InterruptedException {
        clients++;
        HttpResponse<String> made = post("/v1/clients", env().get("MILLRACE_ADMIN_KEY"),
                "{\"id\":\"client" + clients + "\",\"name\":\"Client\"}");
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        return json(made).get("apiKey").asString();
    }

    private Map<String, Long> scores(String key) throws IOException, InterruptedException {
        Map<String, Long> scores = new HashMap<>();
        json(get("/v1/boards/main/top", key)).get("entries")
                .forEach(entry -> scores.put(entry.get("player").asString(), entry.get("score").asLong()));
        return scores;
    }

    private HttpResponse<String> post(String path, String key, String body) throws IOException, InterruptedException {
        return http.send(request(env().get("API_URL") + path, key).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path, String key) throws IOException, InterruptedException {
        return get(env().get("API_URL"), path, key);
    }

    private HttpResponse<String> get(String base, String path, String key) throws IOException, InterruptedException {
        return http.send(request(base + path, key).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String url, String key) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(10));
        return key.isEmpty() ? request : request.header("X-Api-Key", key);
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JSON.readTree(response.body());
    }

    private long count(String sql, String parameter) throws SQLException {
        URI url = URI.create(env().get("DATABASE_URL"));
        String[] owner = url.getUserInfo().split(":", 2);
        try (Connection connection = DriverManager.getConnection("jdbc:postgresql://" + url.getHost() + ':' + url.getPort() + url.getPath(),
                owner[0],
                owner[1]);
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, parameter);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getLong(1) : -1;
            }
        }
    }

    private String shell(String commands) throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("bash", "-c", commands).directory(home.toFile()).start();
        String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor()).isZero();
        return output;
    }
}
