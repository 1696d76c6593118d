package dev.millrace.schema.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schema.event.Partitions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class SettingsTest {
    private static final String ADMIN_KEY = "an-admin-key-that-is-long";
    private static final String PEPPER = "a-pepper-that-is-long-enough";

    @Test
    void defaultsAreThese() {
        Settings settings = Settings.read(Map.of("REDIS_URL", "redis://localhost", "DATABASE_URL", "postgres://localhost/millrace",
                "MILLRACE_ADMIN_KEY", ADMIN_KEY, "MILLRACE_KEY_PEPPER", PEPPER));
        assertThat(settings.redis()).isEqualTo(new RedisSettings("redis://localhost", "mr", Duration.ofMillis(800)));
        assertThat(settings.database()).isEqualTo(new DatabaseSettings("jdbc:postgresql://localhost/millrace", "", "", 4));
        assertThat(settings.door()).isEqualTo(new DoorSettings(8080, ADMIN_KEY, PEPPER, "live", Duration.ofDays(7), 8_192, Set.of()));
        assertThat(settings.admission()).isEqualTo(
                new AdmissionSettings(100_000, 10_000, 50_000, 100_000, Duration.ofDays(90), Duration.ofHours(1), 200_000, 64 * 1024));
        assertThat(settings.durability()).isEqualTo(Durability.PRIMARY);
        assertThat(settings.bulk()).isEqualTo(new BulkSettings(10_000, 8 << 20, 1 << 30));
        assertThat(settings.streams()).isEqualTo(new StreamSettings(Duration.ofMillis(200), 1_000, 100));
        assertThat(settings.engine()).isEqualTo(new EngineSettings(Duration.ofSeconds(3), 500, 100_000, 10_000));
        assertThat(settings.persister()).isEqualTo(new PersisterSettings(4_000, 7));
        assertThat(settings.users())
                .isEqualTo(new UserSettings(List.of(), Duration.ofMinutes(15), Duration.ofDays(1), Duration.ofDays(30), null));
        assertThat(settings.partitions()).isEqualTo(new Partitions(64));
        assertThat(settings.managementPort()).isEqualTo(9090);
        assertThat(settings.data()).isEqualTo(Path.of("./data"));
        assertThat(settings.types()).isEmpty();
        assertThat(settings.stopTimeout()).isEqualTo(Duration.ofSeconds(25));
        assertThat(settings.appendFsync()).isEqualTo("everysec");
        assertThat(settings.logFormat()).isEqualTo("text");
        assertThat(settings.logLevel()).isEqualTo("info");
        assertThat(settings.value(Setting.JAVA_HOME)).isEmpty();
        assertThat(settings.value(Setting.JAVA_OPTS)).isEmpty();
    }

    @Test
    void whatHasNoDefaultIsEmptyUntilItIsGiven() {
        assertThat(Arrays.stream(Setting.values()).filter(setting -> setting.byDefault().isEmpty())).containsExactlyInAnyOrder(
                Setting.REDIS_URL, Setting.DATABASE_URL, Setting.ADMIN_KEY, Setting.KEY_PEPPER, Setting.TYPES, Setting.POLICIES,
                Setting.LIMITS, Setting.CORS_ORIGINS, Setting.TRUSTED_PROXIES, Setting.JWT_SECRET, Setting.OIDC_ISSUER,
                Setting.OIDC_AUDIENCE, Setting.JAVA_HOME,
                Setting.JAVA_OPTS);
        assertThat(Settings.read(Map.of()).hasDatabase()).isFalse();
        assertThat(Settings.read(Map.of("DATABASE_URL", "postgres://localhost/millrace")).hasDatabase()).isTrue();
    }

    @Test
    void everySettingReachesItsPlace() {
        Map<String, String> given = everySettingOtherThanByDefault();
        Settings settings = Settings.read(given);
        assertThat(settings.redis()).isEqualTo(new RedisSettings("rediss://:pw@redis:6380", "games", Duration.ofMillis(1_500)));
        assertThat(settings.database()).isEqualTo(new DatabaseSettings("jdbc:postgresql://db:5433/books", "app", "pw", 8));
        assertThat(settings.door()).isEqualTo(new DoorSettings(18080, ADMIN_KEY, PEPPER, "test", Duration.ofHours(36), 20,
                Set.of("https://play.example.com", "http://localhost:3000")));
        assertThat(settings.admission())
                .isEqualTo(new AdmissionSettings(11, 12, 18, 19, Duration.ofDays(3_650), Duration.ofDays(7), 13, 1024 * 1024));
        assertThat(settings.durability()).isEqualTo(new Durability(2));
        assertThat(settings.bulk()).isEqualTo(new BulkSettings(100_000, 64 << 20, 2_047 << 20));
        assertThat(settings.streams()).isEqualTo(new StreamSettings(Duration.ofSeconds(1), 21, 20));
        assertThat(settings.engine()).isEqualTo(new EngineSettings(Duration.ofMinutes(1), 1_500, 14, 15));
        assertThat(settings.persister()).isEqualTo(new PersisterSettings(16, 17));
        assertThat(settings.users()).isEqualTo(new UserSettings(
                List.of(new TokenKey("b", "the-secret-of-tokens-from-now-on-"), new TokenKey("a", "the-secret-of-tokens-until-today-")),
                Duration.ofMinutes(5), Duration.ofHours(2), Duration.ofDays(3),
                new ProviderSettings(URI.create("https://login.example.com/games"), "leaderboards", "tenant")));
        assertThat(settings.partitions()).isEqualTo(new Partitions(4_096));
        assertThat(settings.managementPort()).isZero();
        assertThat(settings.data()).isEqualTo(Path.of("/var/lib/games"));
        assertThat(settings.types()).contains(Path.of("/etc/millrace/types"));
        assertThat(settings.stopTimeout()).isEqualTo(Duration.ofSeconds(90));
        assertThat(settings.appendFsync()).isEqualTo("always");
        assertThat(settings.logFormat()).isEqualTo("json");
        assertThat(settings.logLevel()).isEqualTo("debug");
        for (Setting setting : Setting.values()) {
            assertThat(settings.value(setting)).as(setting.variable()).contains(given.get(setting.variable()))
                    .isNotEqualTo(setting.byDefault());
        }
    }

    @Test
    void anEmptyValueIsAsGoodAsNone() {
        Map<String, String> empty = new HashMap<>();
        for (Setting setting : Setting.values()) {
            empty.put(setting.variable(), "");
            empty.put(setting.variable() + "_FILE", "");
        }
        Settings settings = Settings.read(empty);
        for (Setting setting : Setting.values()) {
            assertThat(settings.value(setting)).as(setting.variable()).isEqualTo(setting.byDefault());
        }
    }

    @ParameterizedTest
    @EnumSource
    void everySettingMayComeFromAFile(Setting setting, @TempDir Path folder) throws IOException {
        String value = everySettingOtherThanByDefault().get(setting.variable());
        Path file = Files.writeString(folder.resolve("value"), value + "\n");
        Settings settings = Settings.read(Map.of(setting.variable() + "_FILE", file.toString()));
        assertThat(settings.value(setting)).contains(value);
    }

    @Test
    void anEmptyValueBesideAFileGivesWayToTheFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("value"), "  8081\n\n");
        assertThat(Settings.read(Map.of("PORT", "", "PORT_FILE", file.toString())).value(Setting.PORT)).contains("8081");
    }

    @ParameterizedTest
    @CsvSource({"500ms, PT0.5S", "3s, PT3S", "2m, PT2M", "1h, PT1H", "1d, PT24H", "1500, PT1.5S", "2 seconds, PT2S"})
    void durationsHaveUnits(String text, Duration duration) {
        assertThat(Settings.read(Map.of("MILLRACE_STOP_TIMEOUT", text)).stopTimeout()).isEqualTo(duration);
    }

    @ParameterizedTest
    @CsvSource({"2048, 2048", "2KiB, 2048", "2k, 2048", "2kB, 2000", "1MiB, 1048576"})
    void sizesHaveUnits(String text, int bytes) {
        assertThat(Settings.read(Map.of("MILLRACE_EVENT_MAX", text)).admission().eventMaxBytes()).isEqualTo(bytes);
    }

    @Test
    void someValuesMayBeReplaced() {
        Settings settings = Settings.read(Map.of("REDIS_URL", "redis://there", "MILLRACE_NAMESPACE", "games"))
                .with(Map.of(Setting.REDIS_URL, "redis://here", Setting.PORT, "0"));
        assertThat(settings.redis()).isEqualTo(new RedisSettings("redis://here", "games", Duration.ofMillis(800)));
        assertThat(settings.value(Setting.PORT)).contains("0");
        assertThat(settings.managementPort()).isEqualTo(9090);
    }

    @Test
    void variablesOfOthersAreLeftAlone() {
        assertThat(Settings.read(Map.of("PATH", "/bin", "MILLRACES", "x", "millrace_port", "x", "XMILLRACE_PORT", "x")).managementPort())
                .isEqualTo(9090);
    }

    /** Kubernetes gives every container these for every service of its namespace. */
    @ParameterizedTest
    @CsvSource({"MILLRACE_SERVICE_HOST, 10.0.0.7", "MILLRACE_SERVICE_PORT, 8080", "MILLRACE_SERVICE_PORT_HTTP, 8080",
            "MILLRACE_PORT, tcp://10.0.0.7:8080", "MILLRACE_PORT_8080_TCP, tcp://10.0.0.7:8080", "MILLRACE_PORT_8080_TCP_PROTO, tcp",
            "MILLRACE_PORT_8080_TCP_PORT, 8080", "MILLRACE_PORT_8080_TCP_ADDR, 10.0.0.7",
            "MILLRACE_INGEST_API_SERVICE_HOST, 10.0.0.7", "MILLRACE_INGEST_API_PORT, tcp://10.0.0.7:8080",
            "MILLRACE_REDIS_PORT_6379_TCP_ADDR, 10.0.0.7", "MILLRACE_DNS_PORT_53_UDP, udp://10.0.0.7:53"})
    void variablesOfKubernetesAreTolerated(String name, String value) {
        assertThat(Settings.read(Map.of(name, value)).managementPort()).isEqualTo(9090);
    }

    @Test
    void everySettingSaysWhatItIs() {
        assertThat(Arrays.stream(Setting.values()).map(Setting::variable)).doesNotHaveDuplicates();
        for (Setting setting : Setting.values()) {
            assertThat(setting.variable()).matches("[A-Z]+(_[A-Z]+)*").doesNotEndWith("_FILE");
            assertThat(setting.description()).as(setting.variable()).isNotBlank().doesNotContain("\n").doesNotContain("|");
        }
    }

    private static Map<String, String> everySettingOtherThanByDefault() {
        Map<String, String> given = new HashMap<>();
        given.put("REDIS_URL", "rediss://:pw@redis:6380");
        given.put("DATABASE_URL", "postgres://app:pw@db:5433/books");
        given.put("PORT", "18080");
        given.put("MANAGEMENT_PORT", "0");
        given.put("MILLRACE_CONNECTIONS_MAX", "20");
        given.put("MILLRACE_CORS_ORIGINS", "https://play.example.com, http://localhost:3000");
        given.put("MILLRACE_ADMIN_KEY", ADMIN_KEY);
        given.put("MILLRACE_KEY_PEPPER", PEPPER);
        given.put("MILLRACE_KEY_GRACE", "36h");
        given.put("MILLRACE_ENVIRONMENT", "test");
        given.put("MILLRACE_JWT_SECRET", "b:the-secret-of-tokens-from-now-on-,a:the-secret-of-tokens-until-today-");
        given.put("MILLRACE_JWT_TTL", "5m");
        given.put("MILLRACE_SESSION_IDLE", "2h");
        given.put("MILLRACE_SESSION_MAX", "3d");
        given.put("MILLRACE_OIDC_ISSUER", "https://login.example.com/games");
        given.put("MILLRACE_OIDC_AUDIENCE", "leaderboards");
        given.put("MILLRACE_OIDC_CLIENT_CLAIM", "tenant");
        given.put("MILLRACE_DATA", "/var/lib/games");
        given.put("MILLRACE_NAMESPACE", "games");
        given.put("MILLRACE_PARTITIONS", "4096");
        given.put("MILLRACE_LEASE_TTL", "1m");
        given.put("MILLRACE_REDIS_TIMEOUT", "1500ms");
        given.put("MILLRACE_DURABILITY", "replicas:2");
        given.put("MILLRACE_QUEUE_MAX", "11");
        given.put("MILLRACE_LANE_MAX", "12");
        given.put("MILLRACE_CLIENT_MAX", "18");
        given.put("MILLRACE_SCHEDULED_MAX", "19");
        given.put("MILLRACE_RUN_AT_MAX", "3650d");
        given.put("MILLRACE_UNPERSISTED_MAX", "14");
        given.put("MILLRACE_DEAD_MAX", "15");
        given.put("MILLRACE_DEDUPE_WINDOW", "7d");
        given.put("MILLRACE_DEDUPE_MAX", "13");
        given.put("MILLRACE_EVENT_MAX", "1MiB");
        given.put("MILLRACE_STREAM_EVERY", "1s");
        given.put("MILLRACE_STREAMS_MAX", "21");
        given.put("MILLRACE_CLIENT_STREAMS_MAX", "20");
        given.put("MILLRACE_BULK_ITEMS", "100000");
        given.put("MILLRACE_BULK_MAX", "64MiB");
        given.put("MILLRACE_NDJSON_MAX", "2047MiB");
        given.put("MILLRACE_TYPES", "/etc/millrace/types");
        given.put("MILLRACE_POLICIES", "/etc/millrace/policies.conf");
        given.put("MILLRACE_LIMITS", "/etc/millrace/limits.conf");
        given.put("MILLRACE_LIMIT_HEADERS", "both");
        given.put("MILLRACE_TRUSTED_PROXIES", "10.0.0.0/8, ::1");
        given.put("MILLRACE_BATCH_MAX", "1500");
        given.put("MILLRACE_DATABASE_POOL", "8");
        given.put("MILLRACE_PERSIST_BATCH", "16");
        given.put("MILLRACE_HISTORY_DAYS_AHEAD", "17");
        given.put("MILLRACE_STOP_TIMEOUT", "90s");
        given.put("MILLRACE_APPENDFSYNC", "always");
        given.put("MILLRACE_LOG_FORMAT", "json");
        given.put("MILLRACE_LOG_LEVEL", "debug");
        given.put("MILLRACE_JAVA_HOME", "/opt/jdk");
        given.put("MILLRACE_JAVA_OPTS", "-Xmx1g -Dx=\"a b\"");
        assertThat(given.keySet()).as("a setting that is added is added here too")
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Setting.values()).map(Setting::variable).toList());
        return given;
    }
}
