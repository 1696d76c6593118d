package dev.millrace.ops.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Short-lived folders under {@code target/embedded}, one tree a JVM, deleted when it ends; trees of killed JVMs are deleted by the next. */
public final class TestFolders {
    private static final Path ROOT = Path.of("target", "embedded").toAbsolutePath();
    private static final Path MINE = ROOT.resolve(Long.toString(ProcessHandle.current().pid()));
    private static final AtomicInteger COUNT = new AtomicInteger();

    static {
        sweep();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(MINE), "delete-test-folders"));
    }

    private TestFolders() {}

    /** A path for a folder that does not exist yet, inside one that does. */
    public static Path fresh(String name) {
        try {
            return Files.createDirectories(MINE).resolve(name + "-" + COUNT.incrementAndGet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void sweep() {
        if (!Files.isDirectory(ROOT)) {
            return;
        }
        try (Stream<Path> trees = Files.list(ROOT)) {
            trees.filter(TestFolders::isAbandoned).forEach(TestFolders::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isAbandoned(Path tree) {
        String pid = tree.getFileName().toString();
        return pid.matches("[0-9]+") && ProcessHandle.of(Long.parseLong(pid)).isEmpty();
    }

    /** A server that is still on its way out may add files meanwhile; what stays is swept by the next JVM. */
    private static void delete(Path tree) {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException leftForTheNextSweep) {
            System.err.println("test folder not deleted yet: " + leftForTheNextSweep.getMessage());
        }
    }
}
