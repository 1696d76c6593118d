package dev.millrace.ingest.http;

import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.schema.redis.RedisUnavailableException;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import org.eclipse.jetty.http.HttpException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a problem of everything that ends a request early, and names no internals in it. */
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private Failures() {}

    static void mapAll(JavalinConfig config) {
        config.routes.exception(ProblemException.class, (e, ctx) -> Answers.problem(ctx, e.problem()));
        config.routes.exception(RedisUnavailableException.class, Failures::redisAway);
        config.routes.exception(HttpResponseException.class, Failures::fromJavalin);
        config.routes.exception(Exception.class, Failures::unexpected);
        config.router.javaLangErrorHandler(Failures::error);
    }

    /** What a status that Jetty or Javalin gives is among our problems. */
    static Problem ofStatus(int status) {
        return switch (status) {
            case 404 -> Problem.of(ProblemType.NOT_FOUND, "There is nothing at this path.");
            case 405 -> Problem.of(ProblemType.METHOD_NOT_ALLOWED, "See the header Allow for what is.");
            case 408 -> Problem.of(ProblemType.TIMEOUT, "The request did not arrive in time.");
            case 413 -> Problem.of(ProblemType.TOO_LARGE, "The body is larger than it may be.");
            case 414, 431 -> Problem.of(ProblemType.HEADERS_TOO_LARGE, "Path and headers may have 8 KiB together.");
            case 501, 505 -> Problem.of(ProblemType.BAD_REQUEST, "This kind of HTTP is not spoken here.");
            case 503 -> Problem.of(ProblemType.UNAVAILABLE, "The service is stopping.").retryAfter(Duration.ofSeconds(1));
            default -> status < 500 ? Problem.of(ProblemType.BAD_REQUEST, "The request does not read as HTTP.")
                    : Problem.of(ProblemType.INTERNAL, "The fault was logged.");
        };
    }

    private static void redisAway(RedisUnavailableException e, Context ctx) {
        LOG.debug("refused {} {}: {}", ctx.method(), ctx.endpoint().path, e.getMessage());
        Answers.problem(ctx, Problem.of(ProblemType.UNAVAILABLE, "Redis does not answer.").retryAfter(Duration.ofSeconds(1)));
    }

    private static void fromJavalin(HttpResponseException e, Context ctx) {
        @Nullable String allowed = e.getDetails().get("availableMethods");
        if (e instanceof MethodNotAllowedResponse && allowed != null) {
            ctx.header("Allow", allowed);
        }
        Answers.problem(ctx, ofStatus(e.getStatus()));
    }

    private static void unexpected(Exception e, Context ctx) {
        if (ctx.res().isCommitted()) {
            LOG.debug("an answer broke off: {}", e.toString());
            return;
        }
        if (e instanceof HttpException http) {
            Answers.problem(ctx, ofStatus(http.getCode()));
            return;
        }
        if (e instanceof IOException) {
            LOG.debug("a body did not arrive: {}", e.toString());
            Answers.problem(ctx, Problem.of(ProblemType.BAD_REQUEST, "The body did not arrive as announced."));
            return;
        }
        LOG.error("{} {} failed", ctx.method(), ctx.endpoint().path, e);
        Answers.problem(ctx, ofStatus(500));
    }

    private static void error(HttpServletResponse response, Error error) {
        LOG.error("a request failed", error);
        try {
            response.setStatus(500);
            response.setContentType(Problem.MEDIA_TYPE);
            response.getOutputStream().write(ofStatus(500).toJson());
        } catch (IOException e) {
            LOG.debug("and could not be answered: {}", e.toString());
        }
    }
}
