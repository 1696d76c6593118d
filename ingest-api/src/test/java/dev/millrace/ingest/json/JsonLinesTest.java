package dev.millrace.ingest.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.json.JsonLines.Line;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonLinesTest {
    private static final String LONG = "<too long>";

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1_000})
    void linesAreTheSameHoweverTheyCome(int piece) throws IOException {
        String text = "{\"a\":\"ä🎲\"}\r\n\n  \t\r\n{\"b\":1}\n\r\n[1]\r\n" + "x".repeat(20) + "\r\n" + "y".repeat(21) + "\n"
                + "z".repeat(100)
                + "\n{\"c\":2}";

        assertThat(lines(text, 20, piece)).containsExactly("{\"a\":\"ä🎲\"}", "{\"b\":1}", "[1]", "x".repeat(20), LONG, LONG, "{\"c\":2}");
    }

    @Test
    void nothingHasNoLines() throws IOException {
        assertThat(lines("", 20, 10)).isEmpty();
        assertThat(lines("\n\r\n \n\t", 20, 10)).isEmpty();
    }

    @Test
    void anEndThatIsTooLongIsALineThatIs() throws IOException {
        assertThat(lines("a\n" + "z".repeat(100_000), 20, 999)).containsExactly("a", LONG);
        assertThat(lines("z".repeat(21), 20, 21)).containsExactly(LONG);
        assertThat(lines("z".repeat(20) + "\r", 20, 30)).containsExactly("z".repeat(20));
    }

    @Test
    void linesOfEverySizeComeWhole() throws IOException {
        Random random = new Random(7);
        List<String> expected = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            String line = "l".repeat(1 + random.nextInt(70_000));
            expected.add(line.length() > 65_536 ? LONG : line);
            text.append(line).append(random.nextBoolean() ? "\n" : "\r\n");
        }

        assertThat(lines(text.toString(), 65_536, 8_191)).isEqualTo(expected);
    }

    private static List<String> lines(String text, int max, int piece) throws IOException {
        InputStream pieces = new ByteArrayInputStream(text.getBytes(UTF_8)) {
            @Override
            public synchronized int read(byte[] buffer, int from, int length) {
                return super.read(buffer, from, Math.min(length, piece));
            }
        };
        JsonLines lines = new JsonLines(pieces, max);
        List<String> all = new ArrayList<>();
        for (Line line = lines.next(); line != null; line = lines.next()) {
            all.add(switch (line) {
                case Line.Text(var bytes) -> UTF_8.decode(bytes).toString();
                case Line.TooLong() -> LONG;
            });
        }
        return all;
    }
}
