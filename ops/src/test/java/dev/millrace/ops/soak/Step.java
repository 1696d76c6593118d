package dev.millrace.ops.soak;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** A step of the engine's work, known by the words that go to Redis or Postgres. */
enum Step {
    APPEND("dev/millrace/ingest/admission/admit.lua", false),
    READ("dev/millrace/processor/engine/read.lua", false),
    /** Effects, acknowledgement and the change for the books, in one script. */
    COMMIT("dev/millrace/processor/engine/lane/commit.lua", false),
    BOARD("dev/millrace/processor/handler/board.lua", false),
    /** What a persister says to Redis after a commit of Postgres. */
    ACKNOWLEDGE("dev/millrace/persister/persisted.lua", false),
    /** The first thing that a persister asks Postgres in a transaction. */
    BOOKS_LOOK("for update", true),
    BOOKS_COMMIT("COMMIT", true);

    private final String what;
    private final boolean inPostgres;

    Step(String what, boolean inPostgres) {
        this.what = what;
        this.inPostgres = inPostgres;
    }

    /**
     * What passes at this step and no other: of a script its digest, of SQL a part.
     *
     * @param otherCode folders whose scripts go before the usual ones
     */
    String words(List<Path> otherCode) {
        return inPostgres ? what : sha1(script(otherCode));
    }

    boolean inPostgres() {
        return inPostgres;
    }

    private byte[] script(List<Path> otherCode) {
        try {
            for (Path folder : otherCode) {
                if (Files.exists(folder.resolve(what))) {
                    return Files.readAllBytes(folder.resolve(what));
                }
            }
            try (InputStream in = Step.class.getClassLoader().getResourceAsStream(what)) {
                if (in == null) {
                    throw new IllegalStateException("there is no " + what);
                }
                return in.readAllBytes();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha1(byte[] text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
