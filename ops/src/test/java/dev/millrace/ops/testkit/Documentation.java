package dev.millrace.ops.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The documentation in the repository that this test runs in. */
public final class Documentation {
    private Documentation() {}

    /** What stands between {@code <!-- name -->} and {@code <!-- /name -->} in a file of the repository. */
    public static String between(String name, String file) throws IOException {
        String text = Files.readString(root().resolve(file), StandardCharsets.UTF_8);
        String opening = "<!-- " + name + " -->\n";
        int from = text.indexOf(opening);
        int to = text.indexOf("<!-- /" + name + " -->");
        if (from < 0 || to < from) {
            throw new AssertionError(file + " lacks the markers <!-- " + name + " --> and <!-- /" + name + " -->");
        }
        return text.substring(from + opening.length(), to);
    }

    private static Path root() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("README.md")) && Files.exists(folder.resolve("ops"))) {
                return folder;
            }
        }
        throw new AssertionError("not run inside of the repository");
    }
}
