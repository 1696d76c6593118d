package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;

final class GzipMembersTest {
    /** Magic, deflate, flags, time, extra flags and system. */
    private static final int HEADER = 10;

    @Test
    void membersAreReadAsOneHoweverTheyCome() throws IOException {
        byte[] plain = new byte[100_000];
        new Random(7).nextBytes(plain);
        byte[] two = joined(gzip(Arrays.copyOf(plain, 60_000)), gzip(new byte[0]), gzip(Arrays.copyOfRange(plain, 60_000, 100_000)));

        assertThat(inflated(two)).isEqualTo(plain);
        try (InputStream in = new GzipMembers(byteByByte(two))) {
            assertThat(in.readAllBytes()).as("though nothing more is there yet where one ends").isEqualTo(plain);
        }
    }

    @Test
    void whatBreaksOffAnywhereIsNotTakenForWhole() throws IOException {
        byte[] first = gzip(bytes("first"));
        byte[] both = joined(first, gzip(bytes("second")));

        for (int length = 0; length < both.length; length++) {
            byte[] cut = Arrays.copyOf(both, length);
            if (length == first.length) {
                assertThat(inflated(cut)).isEqualTo(bytes("first"));
            } else {
                assertThatExceptionOfType(EOFException.class).as("%d bytes", length).isThrownBy(() -> inflated(cut));
            }
        }
    }

    @Test
    void whatFollowsMustBeAMemberToo() throws IOException {
        byte[] more = joined(gzip(bytes("first")), bytes("more than that"));
        assertThatExceptionOfType(ZipException.class).isThrownBy(() -> inflated(more));
    }

    @Test
    void checksumsAndLengthsMustBeRight() throws IOException {
        byte[] whole = gzip(bytes("whole"));
        for (int back : new int[]{8, 5, 4, 1}) {
            byte[] broken = whole.clone();
            broken[whole.length - back] ^= 1;
            assertThatExceptionOfType(ZipException.class).as("%d from the end", back).isThrownBy(() -> inflated(broken));
        }
    }

    @Test
    void headersMayHaveAllThereIs() throws IOException {
        byte[] plain = gzip(bytes("text"));
        byte[] header = Arrays.copyOf(plain, HEADER);
        header[3] = 0b1_1111;
        byte[] fields = joined(header, new byte[]{3, 0, 1, 2, 3}, bytes("name\0"), bytes("comment\0"));
        CRC32 checksum = new CRC32();
        checksum.update(fields);
        byte[] sum = {(byte) checksum.getValue(), (byte) (checksum.getValue() >> 8)};
        byte[] rest = Arrays.copyOfRange(plain, HEADER, plain.length);

        assertThat(inflated(joined(fields, sum, rest))).isEqualTo(bytes("text"));
        sum[0] ^= 1;
        assertThatExceptionOfType(ZipException.class).isThrownBy(() -> inflated(joined(fields, sum, rest)));
    }

    @Test
    void membersOfNothingAreReadInNoDepth() throws IOException {
        byte[] empty = gzip(new byte[0]);
        byte[] many = new byte[200_000 * empty.length];
        for (int i = 0; i < many.length; i += empty.length) {
            System.arraycopy(empty, 0, many, i, empty.length);
        }
        assertThat(inflated(many)).isEmpty();
    }

    private static byte[] inflated(byte[] gzip) throws IOException {
        try (InputStream in = new GzipMembers(new ByteArrayInputStream(gzip))) {
            return in.readAllBytes();
        }
    }

    private static InputStream byteByByte(byte[] bytes) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] buffer, int from, int length) {
                return super.read(buffer, from, Math.min(length, 1));
            }

            @Override
            public synchronized int available() {
                return 0;
            }
        };
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
