package dev.millrace.ops.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.embedded.AppendFsync;
import dev.millrace.ops.embedded.DataFolder;
import dev.millrace.ops.testkit.TestFolders;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.settings.RedisSettings;
import dev.millrace.schema.settings.Setting;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StoresTest {
    private final StopSignal stop = new StopSignal(System::nanoTime, code -> {});
    private final DataFolder folder = DataFolder.open(TestFolders.fresh("stores"));

    @AfterEach
    void close() {
        folder.close();
    }

    @Test
    void onlyWhatIsAskedForIsStarted() {
        try (Stores stores = start(EnumSet.noneOf(Setting.class))) {
            assertThat(stores.urls()).isEmpty();
        }
        try (Stores stores = start(EnumSet.of(Setting.REDIS_URL))) {
            assertThat(stores.urls()).containsOnlyKeys(Setting.REDIS_URL);
        }
    }

    @Test
    void aServerThatEndsByItselfComesBackOnItsPortWithItsData() {
        try (Stores stores = start(EnumSet.of(Setting.REDIS_URL))) {
            RedisSettings settings = new RedisSettings(stores.urls().get(Setting.REDIS_URL), "mr", Duration.ofSeconds(5));
            try (Redis redis = Redis.connect(settings, Duration.ofSeconds(5))) {
                redis.await(redis.command("k", (commands, at) -> commands.set(at, "v".getBytes(java.nio.charset.StandardCharsets.UTF_8))));
                serverProcess().ifPresentOrElse(ProcessHandle::destroyForcibly, () -> {
                    throw new AssertionError("no Redis runs");
                });
                await().atMost(Duration.ofSeconds(30)).ignoreExceptionsInstanceOf(RedisUnavailableException.class)
                        .until(() -> redis.info("server").contains("process_id:" + pid()) && redis.get("k") != null);
            }
            assertThat(stop.raised()).isFalse();
        }
        assertThat(serverProcess()).isEmpty();
    }

    private String pid() {
        return serverProcess().map(server -> Long.toString(server.pid())).orElse("none");
    }

    private Optional<ProcessHandle> serverProcess() {
        return ProcessHandle.current().descendants()
                .filter(process -> process.info().commandLine().orElse("").contains(folder.path() + "/redis/redis.conf"))
                .filter(process -> process.info().command().orElse("").endsWith("redis-server")).findFirst();
    }

    private Stores start(Set<Setting> own) {
        return Stores.start(folder, own, AppendFsync.EVERYSEC, stop);
    }
}
