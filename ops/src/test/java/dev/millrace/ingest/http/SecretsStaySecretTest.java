package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Whatever goes wrong with secrets, none of them is found in a log, a refusal or a metric. */
@RealRedis
final class SecretsStaySecretTest {
    private static final String PASSWORD = "canary-password-5f2c81";

    private final RedisSpace space;
    private final Lines lines = new Lines();
    private Logger root;
    private Level levelBefore;
    private Logger ours;
    private Level oursBefore;
    private RunningApi api;
    private final List<String> refusals = new ArrayList<>();

    SecretsStaySecretTest(RedisSpace space) {
        this.space = space;
    }

    /** Keeps every line with all of its stack traces. */
    private static final class Lines extends AppenderBase<ILoggingEvent> {
        private final Queue<String> all = new ConcurrentLinkedQueue<>();

        @Override
        protected void append(ILoggingEvent event) {
            String trace = event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy());
            all.add(event.getThreadName() + ' ' + event.getLoggerName() + ' ' + event.getFormattedMessage() + ' '
                    + event.getMDCPropertyMap() + trace);
        }
    }

    @BeforeEach
    void start() {
        space.clear();
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        ours = context.getLogger("dev.millrace");
        levelBefore = root.getLevel();
        oursBefore = ours.getLevel();
        lines.setContext(context);
        lines.start();
        root.addAppender(lines);
        // As loud as the process can be set up to be.
        root.setLevel(Level.WARN);
        ours.setLevel(Level.DEBUG);
        api = RunningApi.start(space, Map.of("MILLRACE_REDIS_TIMEOUT", "5s"), EventHistory.none());
    }

    @AfterEach
    void stop() {
        root.detachAppender(lines);
        root.setLevel(levelBefore);
        ours.setLevel(oursBefore);
        api.close();
    }

    @Test
    void nothingOfThemIsFoundAnywhere() {
        String account = "{\"client\":\"acme\",\"user\":\"ada\",\"password\":\"" + PASSWORD + "\"}";
        assertThat(send("POST", "/v1/auth/register", account, "X-Api-Key", RunningApi.ADMIN_KEY).status()).isEqualTo(201);
        Answer in = send("POST", "/v1/auth/login", account);
        Answer byCookie = send("POST", "/v1/auth/login", account.replace("}", ",\"cookie\":true}"));
        String session = in.json().path("session").stringValue();
        String token = in.json().path("token").stringValue();
        String cookie = byCookie.header("Set-Cookie").replaceAll(";.*", "");
        List<String> secrets = List.of(PASSWORD, session.substring(4), token.substring(token.lastIndexOf('.') + 1),
                cookie.substring(cookie.indexOf("mrs_") + 4), byCookie.json().path("csrfToken").stringValue(),
                api.key().substring("mr_live_".length()), RunningApi.ADMIN_KEY, RunningApi.JWT_SECRET, "the-pepper-of-these-tests-only");

        // Each secret where it belongs and goes wrong, and where it does not belong.
        refused(send("POST", "/v1/auth/register", account));
        refused(send("POST", "/v1/auth/register", account, "X-Api-Key", RunningApi.ADMIN_KEY));
        refused(send("POST", "/v1/auth/login", account.replace("}", "")));
        refused(send("POST", "/v1/auth/login", account.replace("\"password\":", "\"password\":7,\"passwort\":")));
        refused(send("POST", "/v1/auth/login", account.replace(PASSWORD, PASSWORD + "\\u0000")));
        refused(send("POST", "/v1/auth/login", account.replace("ada", "bob")));
        refused(send("POST", "/v1/auth/login", '"' + PASSWORD + '"'));
        refused(send("PATCH", "/v1/auth/login", account));
        refused(send("POST", "/v1/scores", account, "Authorization", "Bearer " + token));
        for (String secret : secrets) {
            refused(send("GET", "/v1/auth/session", null, "Authorization", "Bearer x" + secret));
            refused(send("GET", "/v1/auth/session", null, "Authorization", "Basic " + secret));
            refused(send("GET", "/v1/auth/session", null, "X-Api-Key", secret + "x"));
            refused(send("GET", "/v1/auth/session", null, "Cookie", "__Host-millrace=" + secret));
            refused(send("POST", "/v1/auth/logout", null, "Cookie", cookie, "X-Csrf-Token", secret + "x"));
        }
        assertThat(send("POST", "/v1/auth/refresh", null, "Authorization", "Bearer " + session).status()).isEqualTo(200);
        // What nobody foresaw: a record that is not as it is written. It is logged with its stack trace.
        space.server().command("HDEL", api.namespace().keys().user("acme", "ada"), "created");
        Answer broken = send("POST", "/v1/auth/login", account);
        assertThat(broken.status()).isEqualTo(500);
        refused(broken);

        assertThat(lines.all).as("something was logged").anyMatch(line -> line.contains("user without created"));
        String metrics = String.valueOf(api.metrics().getMeters().stream().map(meter -> meter.getId().toString()).toList());
        for (String secret : secrets) {
            assertThat(lines.all).noneMatch(line -> line.contains(secret));
            assertThat(refusals).noneMatch(refusal -> refusal.contains(secret));
            assertThat(metrics).doesNotContain(secret);
        }
    }

    private void refused(Answer answer) {
        assertThat(answer.status()).isGreaterThanOrEqualTo(400);
        refusals.add(answer.response().headers().map() + new String(answer.response().body(), StandardCharsets.UTF_8));
    }

    private Answer send(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = api.request(path, null).header("Content-Type", "application/json").method(method,
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        return api.send(headers.length == 0 ? request.build() : request.headers(headers).build());
    }
}
