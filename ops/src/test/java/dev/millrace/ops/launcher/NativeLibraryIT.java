package dev.millrace.ops.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The assembled application reads zstd also where nothing can be unpacked, as in its container. */
final class NativeLibraryIT {
    private static final Path APP = Path.of("target", "app").toAbsolutePath();

    @Test
    @EnabledOnOs(OS.LINUX)
    void theLibraryOfZstdIsLoadedFromWhereItLiesUnpacked() throws IOException, InterruptedException {
        String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT).matches("amd64|x86_64") ? "amd64" : "aarch64";
        Path library;
        try (Stream<Path> found = Files.list(APP.resolve("native/linux").resolve(machine))) {
            library = found.filter(file -> file.getFileName().toString().matches("libzstd-jni-.*\\.so")).findFirst().orElseThrow();
        }
        String nowhere = "-Djava.io.tmpdir=" + APP.resolve("no-such-folder");

        assertThat(loads(List.of(nowhere))).as("without it").contains("Cannot unpack libzstd-jni");
        assertThat(loads(List.of(nowhere, "-DZstdNativePath=" + library))).endsWith("read\n");
        ProcessBuilder launcher = new ProcessBuilder("bash", "-x", APP.resolve("millrace").toString(), "--help").redirectErrorStream(true);
        launcher.environment().put("MILLRACE_JAVA_HOME", System.getProperty("java.home"));
        assertThat(text(launcher.start())).contains("-DZstdNativePath=" + library);
    }

    /** What a process says that loads it and compresses something. */
    private static String loads(List<String> options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ZstdProbe.class.getName()));
        return text(new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    private static String text(Process process) throws IOException, InterruptedException {
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return text;
    }
}
