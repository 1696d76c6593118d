package dev.millrace.ops.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BinaryStoreTest {
    @TempDir
    Path temp;

    @Test
    void programsAreUnpackedOnceAndRun() throws Exception {
        BinaryStore store = new BinaryStore(temp.resolve("bin"));
        Path redis = store.redisServer();
        FileTime unpacked = Files.getLastModifiedTime(redis);

        assertThat(store.redisServer()).isEqualTo(redis);
        assertThat(Files.getLastModifiedTime(redis)).isEqualTo(unpacked);
        assertThat(output(redis.toString(), "--version")).contains("v=7.0.15");
        assertThat(output(store.postgresHome().resolve("bin/postgres").toString(), "--version")).contains("PostgreSQL) 18.");
    }

    @Test
    void manyAtOnceEndWithTheSameProgramAndNothingElse() throws Exception {
        BinaryStore store = new BinaryStore(temp);
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            assertThat(threads.invokeAll(Stream.generate(() -> (Callable<Path>) store::redisServer).limit(4).toList())
                    .stream().map(future -> future.resultNow()).distinct()).hasSize(1);
        }
        assertThat(temp).isDirectoryNotContaining("glob:**/.unpacking-*");
    }

    @Test
    void workThatAKilledJvmLeftIsRemovedWhenItIsOld() throws Exception {
        Path old = Files.createDirectory(temp.resolve(".unpacking-old"));
        Path young = Files.createDirectory(temp.resolve(".unpacking-young"));
        Files.createFile(old.resolve("part"));
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));

        new BinaryStore(temp).redisServer();

        assertThat(old).doesNotExist();
        assertThat(young).exists();
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws Exception {
        Path file = Files.createFile(temp.resolve("file"));
        assertThatThrownBy(() -> new BinaryStore(file).redisServer()).isInstanceOf(StartupException.class)
                .hasMessageContaining("Can't unpack the embedded redis-7.0.15 into " + file).hasMessageNotContaining("\n");
    }

    private static String output(String... command) throws Exception {
        Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
