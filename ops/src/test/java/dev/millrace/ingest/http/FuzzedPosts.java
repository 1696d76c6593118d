package dev.millrace.ingest.http;

import static dev.millrace.ingest.http.Damage.damaged;
import static dev.millrace.ingest.http.Damage.one;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** Posts of events in every format, damaged by chance but sound as HTTP. */
final class FuzzedPosts {
    private static final String ITEM = "{\"type\":\"score.add\",\"id\":\"i%d\",\"data\":{\"player\":\"p%d\",\"value\":%d,\"name\":\"Zoë \\ud83c\\udfb2\"}}";
    private static final String CLOUD = "{\"specversion\":\"1.0\",\"id\":\"c%d\",\"source\":\"/s\",\"type\":\"score.add\",\"data\":{\"player\":\"p%d\",\"value\":%d}}";
    private static final List<String> CODINGS = List.of("gzip", "zstd", "identity", "br", "gzip, zstd");
    private static final List<String> TYPES = List.of("application/json", "application/x-ndjson", "application/cloudevents+json",
            "application/cloudevents-batch+json", "text/plain", "application/json; charset=utf-16");

    private final URI api;
    private final String key;
    private final Duration hung;

    /**
     * @param hung after how long a request counts as never answered
     */
    FuzzedPosts(URI api, String key, Duration hung) {
        this.api = api;
        this.key = key;
        this.hung = hung;
    }

    HttpRequest next(Random random) {
        HttpRequest.Builder request = HttpRequest.newBuilder(api.resolve(one(random, List.of("/v1/events", "/v1/events", "/v1/scores",
                "/v1/jobs/none")))).timeout(hung).header("X-Api-Key", key);
        int kind = random.nextInt(TYPES.size());
        byte[] body = text(random, kind).getBytes(UTF_8);
        for (int times = random.nextInt(4); times > 0; times--) {
            body = damaged(random, body);
        }
        String type = TYPES.get(random.nextInt(20) == 0 ? random.nextInt(TYPES.size()) : kind);
        if (random.nextInt(12) == 0) {
            type = "application/json";
            request.header("ce-specversion", "1.0").header("ce-id", "b" + random.nextInt(50)).header("ce-source", "/s")
                    .header("ce-type", one(random, List.of("score.add", "score.set", "x", "%zz", "%00")));
        }
        if (random.nextInt(3) == 0) {
            String coding = one(random, CODINGS);
            body = encoded(coding, body);
            if (random.nextInt(4) == 0) {
                body = damaged(random, body);
            }
            request.header("Content-Encoding", coding);
        }
        if (random.nextInt(4) == 0) {
            request.header("Idempotency-Key", one(random, List.of("k" + random.nextInt(30), "\"q\"", "\"open", "a\\b")));
        }
        if (random.nextInt(4) == 0) {
            request.header("traceparent",
                    one(random, List.of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-x", "ff", "01-")));
        }
        return request.header("Content-Type", type).POST(BodyPublishers.ofByteArray(body)).build();
    }

    private static String text(Random random, int kind) {
        return switch (kind) {
            case 1 -> items(random, ITEM, "\n", random.nextInt(40));
            case 2 -> items(random, CLOUD, "", 1);
            case 3 -> '[' + items(random, CLOUD, ",", random.nextInt(20)) + ']';
            default -> random.nextBoolean() ? items(random, ITEM, "", 1) : '[' + items(random, ITEM, ",", random.nextInt(40)) + ']';
        };
    }

    private static String items(Random random, String form, String between, int count) {
        List<String> items = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            items.add(form.formatted(random.nextInt(2_000), random.nextInt(20), random.nextInt()));
        }
        return String.join(between, items);
    }

    private static byte[] encoded(String coding, byte[] body) {
        return switch (coding) {
            case "gzip" -> {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
                    out.write(body);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                yield bytes.toByteArray();
            }
            case "zstd" -> Zstd.compress(body);
            default -> body;
        };
    }
}
