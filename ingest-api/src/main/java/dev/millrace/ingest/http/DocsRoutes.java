package dev.millrace.ingest.http;

import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The OpenAPI document as a page: Swagger UI, out of its WebJar. Files are read when they are first asked for, which few are ever. */
final class DocsRoutes {
    /**
     * What the page may do: load files from here and ask this API, and nothing else. Pictures in its style sheet are {@code data:}.
     */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private static final String OWN = "/dev/millrace/ingest/http/docs/";
    private static final String PAGE = "index.html";
    private static final Map<String, String> OWN_FILES = Map.of("start.js", "text/javascript");
    private static final Map<String, String> WEBJAR_FILES = Map.of("swagger-ui.css", "text/css", "swagger-ui-bundle.js", "text/javascript",
            "swagger-ui-bundle.js.LICENSE.txt", "text/plain", "favicon-32x32.png", "image/png");

    private final Map<String, ServedFile> read = new ConcurrentHashMap<>();

    Map<Operation, Handler> handlers() {
        return Map.of(Operation.DOCS, this::page, Operation.DOCS_FILE, this::file);
    }

    private void page(Context ctx) {
        ctx.header("Content-Security-Policy", POLICY);
        read.computeIfAbsent(PAGE, name -> new ServedFile(OWN + name, Answers.HTML)).answer(ctx);
    }

    private void file(Context ctx) {
        String name = ctx.pathParam("file");
        @Nullable String own = OWN_FILES.get(name);
        @Nullable String ofWebJar = WEBJAR_FILES.get(name);
        if (own != null) {
            read.computeIfAbsent(name, _ -> new ServedFile(OWN + name, own)).answer(ctx);
        } else if (ofWebJar != null) {
            read.computeIfAbsent(name, _ -> new ServedFile(webJar() + name, ofWebJar)).answer(ctx);
        } else {
            throw new ProblemException(ProblemType.NOT_FOUND, "The page has no such file.");
        }
    }

    /** Where the WebJar keeps its files: below its version. */
    private static String webJar() {
        Properties properties = new Properties();
        try (InputStream in = DocsRoutes.class.getResourceAsStream("/META-INF/maven/org.webjars/swagger-ui/pom.properties")) {
            if (in == null) {
                throw new IllegalStateException("missing from the jars: swagger-ui");
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "/META-INF/resources/webjars/swagger-ui/" + properties.getProperty("version") + '/';
    }
}
