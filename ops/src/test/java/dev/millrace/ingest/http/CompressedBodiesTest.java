package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bodies that were compressed, and bombs. */
@RealRedis
final class CompressedBodiesTest {
    private static final String NDJSON = "application/x-ndjson";
    private static final String EVENT = "{\"type\":\"score.add\",\"data\":{\"player\":\"ada\",\"value\":1}}";

    private final RedisSpace space;
    private RunningApi api;

    CompressedBodiesTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void start() {
        space.clear();
        api = RunningApi.start(space);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    /** A way to compress. */
    enum Coding {
        GZIP {
            @Override
            OutputStream on(OutputStream out) throws IOException {
                return new GZIPOutputStream(out);
            }
        },
        ZSTD {
            @Override
            OutputStream on(OutputStream out) throws IOException {
                return new ZstdOutputStream(out, Zstd.defaultCompressionLevel());
            }
        };

        abstract OutputStream on(OutputStream out) throws IOException;

        byte[] of(byte[] plain) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (OutputStream out = on(bytes)) {
                out.write(plain);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }

        /** That many bytes that are all alike, without ever holding them. */
        byte[] ofLine(long length) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            byte[] block = new byte[1 << 20];
            Arrays.fill(block, (byte) 'x');
            try (OutputStream out = on(bytes)) {
                for (long written = 0; written < length; written += block.length) {
                    out.write(block);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }

        String word() {
            return this == GZIP ? "gzip" : "zstd";
        }
    }

    @ParameterizedTest
    @EnumSource
    void bodiesOfEveryKindAreInflated(Coding coding) {
        assertThat(post(coding, "application/json", coding.of(bytes(EVENT))).status()).isEqualTo(202);
        assertThat(post(coding, "application/json", coding.of(bytes('[' + EVENT + ']'))).json().path("accepted").intValue()).isEqualTo(1);
        String lines = IntStream.range(0, 5_000).mapToObj(n -> EVENT.replace("ada", "p" + n)).collect(Collectors.joining("\n"));
        assertThat(post(coding, NDJSON, coding.of(bytes(lines))).json().path("accepted").intValue()).isEqualTo(5_000);
        assertThat(api.queued()).isEqualTo(5_002);
    }

    @ParameterizedTest
    @EnumSource
    void aBodyThatInflatesToMoreThanMayComeIsRefused(Coding coding) {
        byte[] bomb = coding.ofLine(64 << 20);

        refused(post(coding, "application/json", bomb), 413, "too-large");
        refused(post(coding, "application/cloudevents+json", bomb), 413, "too-large");
        refused(post(coding, "application/json", coding.of(bytes('[' + " ".repeat(9 << 20) + ']'))), 413, "too-large");
    }

    @ParameterizedTest
    @EnumSource
    void aStreamThatGrowsTooMuchIsABomb(Coding coding) {
        byte[] bomb = coding.ofLine(512 << 20);

        Answer answer = post(coding, NDJSON, bomb);

        refused(answer, 413, "too-large");
        assertThat(answer.json().path("detail").stringValue()).contains("200 times");
    }

    @ParameterizedTest
    @EnumSource
    void aBodyThatIsNotWhatItSaysIsRefused(Coding coding) {
        byte[] whole = coding.of(bytes(EVENT));
        refused(post(coding, "application/json", Arrays.copyOf(whole, whole.length - 6)), 400, "bad-request");
        refused(post(coding, "application/json", bytes(EVENT)), 400, "bad-request");
        refused(post(coding, "application/json", new byte[0]), 400, coding == Coding.GZIP ? "bad-request" : "malformed-json");
        byte[] broken = whole.clone();
        broken[1] ^= 0x55;
        assertThat(post(coding, "application/json", broken).status()).isEqualTo(400);
        assertThat(api.queued()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aStreamThatBreaksOffIsAnsweredForWhatWasAppendedOfIt(Coding coding) {
        String lines = IntStream.range(0, 10_000).mapToObj(n -> EVENT.replace("ada", "p" + n * 7_919L % 10_007))
                .collect(Collectors.joining("\n"));
        byte[] whole = coding.of(bytes(lines));

        Answer answer = post(coding, NDJSON, Arrays.copyOf(whole, whole.length - 10));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().at("/problem/status").intValue()).isEqualTo(400);
        assertThat(answer.json().path("accepted").longValue()).isEqualTo(api.queued()).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void muchThatInflatesToNothingIsTooLarge(Coding coding) {
        byte[] empty = coding.of(new byte[0]);
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        while (many.size() < (9 << 20)) {
            many.writeBytes(empty);
        }
        refused(api.postOf("application/json", "/v1/events",
                BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(many.toByteArray())), "Content-Encoding", coding.word()), 413,
                "too-large");
    }

    @ParameterizedTest
    @EnumSource
    void aBodyThatBreaksOffBehindItsFirstPartIsRefused(Coding coding) {
        byte[] first = coding.of(bytes(EVENT));
        byte[] second = coding.of(bytes(" ".repeat(100)));
        byte[] cut = Arrays.copyOf(first, first.length + second.length - 1);
        System.arraycopy(second, 0, cut, first.length, second.length - 1);

        refused(post(coding, "application/json", cut), 400, "bad-request");
        refused(post(coding, "application/json", Arrays.copyOf(cut, first.length + 3)), 400, "bad-request");
    }

    private Answer post(Coding coding, String type, byte[] body) {
        return api.postOf(type, "/v1/events", BodyPublishers.ofByteArray(body), "Content-Encoding", coding.word());
    }

    private void refused(Answer answer, int status, String problem) {
        assertThat(answer.status()).as("status, with %s", new String(answer.response().body(), StandardCharsets.UTF_8)).isEqualTo(status);
        assertThat(answer.problem()).isEqualTo(problem);
        assertThat(api.queued()).isZero();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
