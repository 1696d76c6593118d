package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.contract.ApiDocument;
import dev.millrace.ingest.contract.ApiDocument.Described;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The document as a page, as HTTP sees it and as a browser does. */
@RealRedis
final class DocsTest {
    private static final Pattern REFERENCE = Pattern.compile("(?:src|href)=\"([^\"]+)\"");

    private static RunningApi api;

    @BeforeAll
    static void start(RedisSpace space) {
        api = RunningApi.start(space);
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @Test
    void thePageAndAllThatItNamesAreThere() {
        Answer page = api.getAs(null, "/docs");
        List<String> named = REFERENCE.matcher(text(page)).results().map(reference -> reference.group(1)).toList();

        assertThat(page.header("Content-Type")).isEqualTo("text/html");
        assertThat(named).hasSizeGreaterThanOrEqualTo(5).allSatisfy(reference -> {
            // Relative, so that a proxy may put the API below a path of its own.
            assertThat(reference).doesNotStartWith("/").doesNotContain("//");
            assertThat(api.getAs(null, '/' + reference).status()).isEqualTo(200);
        });
        assertThat(text(api.getAs(null, "/docs/start.js"))).contains("url: 'openapi.yaml'");
        assertThat(api.getAs(null, "/docs/swagger-ui-bundle.js").header("Content-Type")).isEqualTo("text/javascript");
        assertThat(api.getAs(null, "/docs/swagger-ui.css").header("Content-Type")).isEqualTo("text/css");
        assertThat(api.getAs(null, "/docs/favicon-32x32.png").header("Content-Type")).isEqualTo("image/png");
    }

    @Test
    void thePageMayLoadNothingFromElsewhereAndRunNothingThatStandsInIt() {
        Answer page = api.getAs(null, "/docs");
        String policy = page.header("Content-Security-Policy");

        assertThat(policy).startsWith("default-src 'none';").contains("frame-ancestors 'none'").doesNotContain("unsafe", "http:", "*");
        assertThat(page.response().headers().allValues("Content-Security-Policy")).hasSize(1);
        assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(text(page)).doesNotContain("<style", "style=", "onload=").doesNotContainPattern("<script(?![^>]* src=)");
        assertThat(api.getAs(null, "/docs/start.js").header("Content-Security-Policy")).startsWith("default-src 'none'");
    }

    @Test
    void filesAreKeptAndAskedForAgain() {
        for (String path : List.of("/docs", "/docs/swagger-ui.css", "/openapi.yaml")) {
            Answer whole = api.getAs(null, path);
            assertThat(whole.header("Cache-Control")).isEqualTo("max-age=300");
            Answer again = api.send(api.request(path, null).header("If-None-Match", whole.header("ETag")).build());
            assertThat(again.status()).isEqualTo(304);
            assertThat(again.header("ETag")).isEqualTo(whole.header("ETag"));
            assertThat(api.send(api.request(path, null).header("If-None-Match", "\"other\"").build()).status()).isEqualTo(200);
        }
    }

    @Test
    void otherFilesAreNotServed() {
        for (String name : List.of("index.html", "swagger-initializer.js", "..%2Fopenapi.yaml", "pom.properties", "%2e%2e")) {
            assertThat(api.getAs(null, "/docs/" + name).status()).as(name).isIn(400, 404);
        }
        assertThat(api.getAs(null, "/docs/no-such-file").header("Cache-Control")).isEqualTo("no-store");
    }

    @Test
    void aBrowserShowsEveryOperationAndBreaksNoRule(@TempDir Path folder) throws Exception {
        Optional<Path> browser = browser();
        assumeTrue(browser.isPresent(), "no Chromium here: install the package chromium, or name one in CHROMIUM");

        String page = shown(browser.get(), folder);

        assertThat(Files.readString(folder.resolve("console"))).doesNotContain("CONSOLE");
        assertThat(ApiDocument.SERVED.operations()).extracting(Described::id)
                .allSatisfy(id -> assertThat(page).containsPattern("id=\"operations-[a-z_\\\\]+-" + id + '"'));
    }

    /** What the page is made of once its scripts have run; what they had to say is left in the file {@code console}. */
    private static String shown(Path browser, Path folder) throws IOException, InterruptedException {
        Path page = folder.resolve("page");
        // Root may not have a sandbox, and tests run as root in containers; the page is ours.
        Process process = new ProcessBuilder(browser.toString(), "--headless=new", "--no-sandbox", "--disable-gpu",
                "--disable-dev-shm-usage", "--user-data-dir=" + folder.resolve("profile"), "--enable-logging=stderr",
                "--virtual-time-budget=60000", "--dump-dom", "http://127.0.0.1:" + api.port() + "/docs")
                .redirectOutput(page.toFile()).redirectError(folder.resolve("console").toFile()).start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        return Files.readString(page);
    }

    private static Optional<Path> browser() {
        Stream<String> names = Stream.of("chromium", "chromium-browser", "google-chrome-stable", "google-chrome");
        Stream<Path> onThePath = names.flatMap(name -> Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                .map(folder -> Path.of(folder, name)));
        return Stream.concat(Stream.ofNullable(System.getenv("CHROMIUM")).map(Path::of), onThePath).filter(Files::isExecutable).findFirst();
    }

    private static String text(Answer answer) {
        return new String(answer.response().body(), StandardCharsets.UTF_8);
    }
}
