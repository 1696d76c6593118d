package dev.millrace.ops.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataFolderTest {
    @TempDir
    Path temp;

    @Test
    void itIsMadeForItsOwnerAlone() throws Exception {
        Path folder = temp.resolve("new/data");
        try (DataFolder data = DataFolder.open(folder)) {
            assertThat(data.path()).isEqualTo(folder);
            assertThat(mode(folder)).isEqualTo("rwx------");
        }
    }

    @Test
    void anOpenFolderIsTightened() throws Exception {
        Path folder = Files.createDirectory(temp.resolve("data"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        DataFolder.open(folder).close();
        assertThat(mode(folder)).isEqualTo("rwx------");
    }

    @Test
    void aSecretIsMadeOnceAndReadBack() throws Exception {
        String secret;
        try (DataFolder data = DataFolder.open(temp)) {
            secret = data.secret("ADMIN_KEY", "mr_");
            assertThat(secret).matches("mr_[A-Za-z0-9_-]{43}");
            assertThat(data.secret("ADMIN_KEY", "mr_")).isEqualTo(secret);
            assertThat(data.secret("OTHER", "")).isNotEqualTo(secret);
        }
        try (DataFolder data = DataFolder.open(temp)) {
            assertThat(data.env().get("ADMIN_KEY")).contains(secret);
        }
        assertThat(temp.resolve("millrace.env")).content().startsWith("ADMIN_KEY=" + secret + "\nOTHER=");
        assertThat(mode(temp.resolve("millrace.env"))).isEqualTo("rw-------");
    }

    @Test
    void writingLeavesNoOtherFileBehind() {
        try (DataFolder data = DataFolder.open(temp)) {
            data.env().put("KEY", "one");
            data.env().put("KEY", "two");
            assertThat(data.env().get("KEY")).contains("two");
            assertThat(temp).isDirectoryNotContaining(path -> !path.endsWith("lock") && !path.endsWith("millrace.env"));
        }
    }

    @Test
    void everyValueReachesAShellAndTheNextStartAsItIs() throws Exception {
        for (String value : new String[]{"plain-1_2.3/4:5@6%7+8=9,0?", "two words", "$HOME", "`id`", "'", "a'b", "''", "\"", "\\", "#",
                "a&b;c|d", "~", ""}) {
            try (DataFolder data = DataFolder.open(temp)) {
                data.env().put("KEY", value);
            }
            Process shell = new ProcessBuilder("sh", "-c", ". ./millrace.env; printf %s \"$KEY\"").directory(temp.toFile()).start();
            assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(value);
            try (DataFolder data = DataFolder.open(temp)) {
                assertThat(data.env().get("KEY")).contains(value);
            }
        }
    }

    @Test
    void aPlainValueNeedsNoQuotes() {
        assertThat(EnvFile.line("URL", "postgres://u:p-_%40@127.0.0.1:5432/millrace?ssl=off")).isEqualTo(
                "URL=postgres://u:p-_%40@127.0.0.1:5432/millrace?ssl=off");
        assertThat(EnvFile.line("URL", "postgres://h/d?a=b&c=d")).isEqualTo("URL='postgres://h/d?a=b&c=d'");
    }

    @Test
    void whatIsNoPrintableAsciiIsRefused() {
        try (DataFolder data = DataFolder.open(temp)) {
            for (String value : new String[]{"a\nb", "é", "\u001b"}) {
                assertThatThrownBy(() -> data.env().put("KEY", value)).isInstanceOf(IllegalArgumentException.class);
            }
            assertThat(data.env().get("KEY")).isEmpty();
        }
    }

    @Test
    void commentsAndBlankLinesAreReadOver() throws Exception {
        Files.writeString(temp.resolve("millrace.env"), "# note\n\nKEY=a=b\n");
        try (DataFolder data = DataFolder.open(temp)) {
            assertThat(data.env().get("KEY")).contains("a=b");
        }
    }

    @Test
    void aSpoiltLineIsNamedAndTheFolderIsFreeAgain() throws Exception {
        Path file = Files.writeString(temp.resolve("millrace.env"), "KEY=a\nexport X=1\n");
        assertThatThrownBy(() -> DataFolder.open(temp)).isInstanceOf(StartupException.class)
                .hasMessage("Line 2 of " + file + " is not KEY=value; mend or remove it.");
        Files.writeString(file, "KEY=a\n");
        DataFolder.open(temp).close();
    }

    @Test
    void oneMillraceAtATimeInThisJvm() {
        try (DataFolder data = DataFolder.open(temp)) {
            assertThatThrownBy(() -> DataFolder.open(temp)).isInstanceOf(StartupException.class)
                    .hasMessage("The data folder " + temp + " is in use by another Millrace (pid " + ProcessHandle.current().pid()
                            + ", this process); stop that one, or set MILLRACE_DATA to another folder.");
            assertThat(data.env().get("KEY")).isEmpty();
        }
        DataFolder.open(temp).close();
    }

    @Test
    void aFileInTheWayIsNamed() throws Exception {
        Path file = Files.createFile(temp.resolve("file"));
        assertThatThrownBy(() -> DataFolder.open(file.resolve("data"))).isInstanceOf(StartupException.class)
                .hasMessageStartingWith("The data folder " + file.resolve("data") + " can't be written (").hasMessageNotContaining("\n");
    }

    private static String mode(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
