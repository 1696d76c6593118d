package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.io.EofException;
import org.junit.jupiter.api.Test;

final class PacedInputTest {
    @Test
    void aBodyThatStallsIsLate() {
        assertThat(problem(failing(new IOException(new TimeoutException("idle"))))).isEqualTo(ProblemType.TIMEOUT);
    }

    @Test
    void aBodyThatBreaksOffIsAProblemHoweverItDoes() {
        assertThat(problem(failing(new EofException("early")))).isEqualTo(ProblemType.BAD_REQUEST);
        assertThat(problem(failing(new HttpException.RuntimeException(400, "bad chunk")))).isEqualTo(ProblemType.BAD_REQUEST);
    }

    @Test
    void aFaultOfOursIsNoProblemOfTheBody() {
        PacedInput body = new PacedInput(failing(new IllegalStateException("ours")), 10);
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(body::read);
    }

    @Test
    void noMoreComesThanMay() {
        assertThat(problem(new ByteArrayInputStream(new byte[64 << 10]))).isEqualTo(ProblemType.TOO_LARGE);
    }

    /** Of reading a body that may have 10 bytes. */
    private static ProblemType problem(InputStream in) {
        try (InputStream body = new PacedInput(in, 10)) {
            body.readAllBytes();
        } catch (ProblemException e) {
            return e.problem().type();
        } catch (IOException e) {
            throw new AssertionError("not a problem", e);
        }
        throw new AssertionError("no problem");
    }

    private static InputStream failing(Exception failure) {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                return read(new byte[1], 0, 1);
            }

            @Override
            public int read(byte[] buffer, int from, int length) throws IOException {
                if (failure instanceof IOException io) {
                    throw io;
                }
                throw (RuntimeException) failure;
            }
        };
    }
}
