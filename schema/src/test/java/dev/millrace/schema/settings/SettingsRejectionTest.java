package dev.millrace.schema.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.millrace.schema.settings.Setting.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsRejectionTest {
    private static final String SECRET = "hunter2";
    private static final Map<String,
            String> COMPLETE = Map.of("REDIS_URL", "redis://localhost", "DATABASE_URL", "postgres://localhost/millrace",
                    "MILLRACE_ADMIN_KEY", "an-admin-key-that-is-long", "MILLRACE_KEY_PEPPER", "a-pepper-that-is-long-enough");

    static Stream<Setting> measures() {
        return Arrays.stream(Setting.values())
                .filter(setting -> Set.of(Kind.PORT, Kind.COUNT, Kind.DURATION, Kind.BYTES).contains(setting.kind()));
    }

    @ParameterizedTest
    @MethodSource("measures")
    void aMeasureThatDoesNotReadIsRefusedAtTheStart(Setting setting) {
        for (String value : new String[]{"many", "${HOME}", "1 1", "0x10", "99999999999999999999 lightyears"}) {
            assertThatExceptionOfType(SettingsException.class).isThrownBy(() -> Settings.read(Map.of(setting.variable(), value)))
                    .withMessage(setting.variable() + " is '" + value + "'; it takes " + setting.kind().words());
        }
    }

    @ParameterizedTest
    @MethodSource("measures")
    void aMeasureBelowNothingIsRefusedAtTheStart(Setting setting) {
        assertThatExceptionOfType(SettingsException.class).isThrownBy(() -> Settings.read(Map.of(setting.variable(), "-1")))
                .withMessageStartingWith(setting.variable() + " ");
    }

    @ParameterizedTest
    @CsvSource({"PORT, 65536, 'PORT is ''65536''; it takes a port, 0 to 65535'",
            "MANAGEMENT_PORT, 99999, 'MANAGEMENT_PORT is ''99999''; it takes a port, 0 to 65535'",
            "MILLRACE_PARTITIONS, 0, 'MILLRACE_PARTITIONS is ''0''; it takes a whole number above 0'",
            "MILLRACE_PARTITIONS, 4097, MILLRACE_PARTITIONS must be at most 4096",
            "MILLRACE_QUEUE_MAX, 0, 'MILLRACE_QUEUE_MAX is ''0''; it takes a whole number above 0'",
            "MILLRACE_QUEUE_MAX, 2147483648, 'MILLRACE_QUEUE_MAX is ''2147483648''; it takes a whole number above 0'",
            "MILLRACE_LANE_MAX, 0, 'MILLRACE_LANE_MAX is ''0''; it takes a whole number above 0'",
            "MILLRACE_BATCH_MAX, 1501, MILLRACE_BATCH_MAX must be at most 1500",
            "MILLRACE_LEASE_TTL, 0s, 'MILLRACE_LEASE_TTL is ''0s''; it takes a duration such as 500ms, 3s or 1h'",
            "MILLRACE_LEASE_TTL, 999ms, MILLRACE_LEASE_TTL must be between 1s and 1m",
            "MILLRACE_LEASE_TTL, 61s, MILLRACE_LEASE_TTL must be between 1s and 1m",
            "MILLRACE_DEDUPE_WINDOW, 59s, MILLRACE_DEDUPE_WINDOW must be between 1m and 7d",
            "MILLRACE_DEDUPE_WINDOW, 169h, MILLRACE_DEDUPE_WINDOW must be between 1m and 7d",
            "MILLRACE_EVENT_MAX, 1023, MILLRACE_EVENT_MAX must be between 1KiB and 1MiB",
            "MILLRACE_EVENT_MAX, 1025KiB, MILLRACE_EVENT_MAX must be between 1KiB and 1MiB",
            "MILLRACE_DURABILITY, replicas:0, MILLRACE_DURABILITY is 'replicas:0'; it takes primary or replicas:<1 to 9>",
            "MILLRACE_STREAM_EVERY, 19ms, MILLRACE_STREAM_EVERY must be between 20ms and 1m",
            "MILLRACE_STREAM_EVERY, 61s, MILLRACE_STREAM_EVERY must be between 20ms and 1m",
            "MILLRACE_BULK_ITEMS, 100001, MILLRACE_BULK_ITEMS must be at most 100000",
            "MILLRACE_BULK_MAX, 65MiB, MILLRACE_BULK_MAX must be between 64KiB and 64MiB",
            "MILLRACE_BULK_MAX, 63KiB, MILLRACE_BULK_MAX must be between 64KiB and 64MiB",
            "MILLRACE_NDJSON_MAX, 63KiB, MILLRACE_NDJSON_MAX must be at least 64KiB",
            "MILLRACE_EVENT_MAX, 4GiB, 'MILLRACE_EVENT_MAX is ''4GiB''; it takes a size such as 64KiB or 1MiB'",
            "MILLRACE_NAMESPACE, a/b, 'MILLRACE_NAMESPACE must match [A-Za-z0-9._~:@-]{1,64}'",
            "MILLRACE_APPENDFSYNC, no, 'MILLRACE_APPENDFSYNC is ''no''; it takes always, everysec'",
            "MILLRACE_CORS_ORIGINS, 'https://play.example.com,*', 'MILLRACE_CORS_ORIGINS: ''*'' is no origin as browsers write them, "
                    + "such as https://play.example.com or http://localhost:3000'",
            "MILLRACE_CONNECTIONS_MAX, 0, 'MILLRACE_CONNECTIONS_MAX is ''0''; it takes a whole number above 0'",
            "MILLRACE_LOG_FORMAT, xml, 'MILLRACE_LOG_FORMAT is ''xml''; it takes text, json'",
            "MILLRACE_LOG_LEVEL, loud, 'MILLRACE_LOG_LEVEL is ''loud''; it takes error, warn, info, debug'"})
    void aValueOutOfRangeIsRefusedAtTheStart(String variable, String value, String message) {
        assertThatExceptionOfType(SettingsException.class).isThrownBy(() -> Settings.read(Map.of(variable, value))).withMessage(message);
    }

    @ParameterizedTest
    @CsvSource({"MILLRACE_REDIS_TIMEOUT, 49ms, MILLRACE_REDIS_TIMEOUT must be between 50ms and 10s",
            "MILLRACE_REDIS_TIMEOUT, 10001ms, MILLRACE_REDIS_TIMEOUT must be between 50ms and 10s",
            "MILLRACE_DATABASE_POOL, 65, MILLRACE_DATABASE_POOL must be at most 64",
            "MILLRACE_ENVIRONMENT, Live, MILLRACE_ENVIRONMENT must be 1 to 16 lower-case letters and digits",
            "MILLRACE_ENVIRONMENT, a_b, MILLRACE_ENVIRONMENT must be 1 to 16 lower-case letters and digits",
            "MILLRACE_ENVIRONMENT, seventeenletterss, MILLRACE_ENVIRONMENT must be 1 to 16 lower-case letters and digits",
            "MILLRACE_KEY_GRACE, 999ms, MILLRACE_KEY_GRACE must be between 1s and 365d",
            "MILLRACE_KEY_GRACE, 366d, MILLRACE_KEY_GRACE must be between 1s and 365d",
            "MILLRACE_ADMIN_KEY, only-twenty-three-chars, MILLRACE_ADMIN_KEY must have at least 24 characters",
            "MILLRACE_KEY_PEPPER, only-twenty-three-chars, MILLRACE_KEY_PEPPER must have at least 24 characters",
            "MILLRACE_JWT_SECRET, only-thirty-one-characters-here, MILLRACE_JWT_SECRET must have at least 32 characters a secret",
            "MILLRACE_JWT_SECRET, 'a:the-first-secret-of-32-characters,a:the-other-secret-of-32-characters', "
                    + "MILLRACE_JWT_SECRET must name each of its secrets differently",
            "MILLRACE_JWT_SECRET, 'a/b:the-first-secret-of-32-characters', "
                    + "'MILLRACE_JWT_SECRET must be a secret, or id:secret with commas between; ids match [A-Za-z0-9._~-]{1,32}'",
            "MILLRACE_JWT_TTL, 999ms, MILLRACE_JWT_TTL must be between 1s and 1d",
            "MILLRACE_JWT_TTL, 25h, MILLRACE_JWT_TTL must be between 1s and 1d",
            "MILLRACE_SESSION_MAX, 367d, MILLRACE_SESSION_MAX must be between 1s and 366d",
            "MILLRACE_SESSION_IDLE, 31d, MILLRACE_SESSION_IDLE must be between 1s and MILLRACE_SESSION_MAX",
            "MILLRACE_OIDC_ISSUER, https://login.example.com, "
                    + "MILLRACE_OIDC_AUDIENCE is not set; it takes what the provider's tokens must be for; required with an issuer"})
    void aValueOutOfRangeIsRefusedByTheRoleThatNeedsIt(String variable, String value, String message) {
        Map<String, String> environment = new HashMap<>(COMPLETE);
        environment.put(variable, value);
        assertThatExceptionOfType(SettingsException.class).isThrownBy(() -> useAll(Settings.read(environment))).withMessage(message);
    }

    @ParameterizedTest
    @CsvSource({"REDIS_URL, 'redis://, rediss://, redis-sentinel:// or several nodes of a Cluster with commas; up starts its own'",
            "DATABASE_URL, 'postgres:// or jdbc:postgresql://; up starts its own'",
            "MILLRACE_ADMIN_KEY, 'key of the administrator, at least 24 characters; up makes one'",
            "MILLRACE_KEY_PEPPER, 'secret under which API keys and sessions are hashed, at least 24 characters; up makes one; changing it ends them all'"})
    void aMissingSettingIsNamedByTheRoleThatNeedsIt(String variable, String takes) {
        Map<String, String> environment = new HashMap<>(COMPLETE);
        environment.remove(variable);
        assertThatExceptionOfType(SettingsException.class).isThrownBy(() -> useAll(Settings.read(environment)))
                .withMessage(variable + " is not set; it takes " + takes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"MILLRACE_PARTITION", "MILLRACE_REDIS_URL", "MILLRACE_", "MILLRACE_PARTITIONS_FILES", "MILLRACE_PARTITION_FILE",
            "MILLRACE_PARTITIONS_FILE_FILE", "MILLRACE_FILE", "MILLRACE_PORT", "MILLRACE_INGEST_PORT", "MILLRACE_SERVICE_HOSTS"})
    void anUnknownNameIsRefused(String name) {
        assertThatExceptionOfType(SettingsException.class).isThrownBy(() -> Settings.read(Map.of(name, "8080")))
                .withMessage("unknown setting " + name + "; see the table of settings in README.md");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://login.example.com", "ftp://127.0.0.1/", "https:", "https://login.example.com/?tenant=1",
            "https://login.example.com/#top", "login", "http://127.0.0.1.example.com"})
    void aProviderWhoseWayCouldBeTamperedWithIsRefused(String issuer) {
        Map<String, String> environment = new HashMap<>(COMPLETE);
        environment.put("MILLRACE_OIDC_ISSUER", issuer);
        environment.put("MILLRACE_OIDC_AUDIENCE", "leaderboards");
        assertThatExceptionOfType(SettingsException.class).isThrownBy(() -> useAll(Settings.read(environment)))
                .withMessageStartingWith("MILLRACE_OIDC_ISSUER ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "*", "https://*.example.com", "play.example.com", "https://play.example.com/",
            "https://play.example.com/x",
            "https://Play.example.com", "HTTPS://play.example.com", "https://play.example.com:443", "http://play.example.com:80",
            "https://a@play.example.com", "https://play.example.com?x", "ftp://play.example.com", "https://", "https://a b", "file:///x"})
    void whatIsNoOriginAsBrowsersWriteThemIsRefused(String origin) {
        assertThatExceptionOfType(SettingsException.class).isThrownBy(() -> Settings.read(Map.of("MILLRACE_CORS_ORIGINS", origin)))
                .withMessageStartingWith("MILLRACE_CORS_ORIGINS: '" + origin + "' is no origin ");
    }

    @Test
    void allUnknownNamesAreNamedTogether() {
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> Settings.read(Map.of("MILLRACE_B", "1", "MILLRACE_A", "2", "MILLRACE_C", "")))
                .withMessageStartingWith("unknown setting MILLRACE_A, MILLRACE_B, MILLRACE_C;");
    }

    @Test
    void aValueAndAFileTogetherAreRefused(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("value"), "8081");
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> Settings.read(Map.of("PORT", "8081", "PORT_FILE", file.toString())))
                .withMessage("both PORT and PORT_FILE are set; keep one");
    }

    @Test
    void aFileThatCanNotBeReadIsRefused(@TempDir Path folder) {
        for (String file : new String[]{folder.resolve("missing").toString(), folder.toString(), "\u0000"}) {
            assertThatExceptionOfType(SettingsException.class).isThrownBy(() -> Settings.read(Map.of("MILLRACE_ADMIN_KEY_FILE", file)))
                    .withMessage("MILLRACE_ADMIN_KEY_FILE names " + file + ", which can't be read");
        }
    }

    @Test
    void anEmptyFileIsRefused(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("value"), "\n");
        for (String variable : COMPLETE.keySet()) {
            Map<String, String> environment = new HashMap<>(COMPLETE);
            environment.remove(variable);
            environment.put(variable + "_FILE", file.toString());
            assertThatExceptionOfType(SettingsException.class).isThrownBy(() -> useAll(Settings.read(environment)))
                    .withMessageStartingWith(variable + " must ");
        }
    }

    @ParameterizedTest
    @CsvSource({"MILLRACE_ADMIN_KEY, hunter2", "MILLRACE_KEY_PEPPER, hunter2", "MILLRACE_JWT_SECRET, hunter2",
            "MILLRACE_JWT_SECRET, 'hunter2:hunter2'", "REDIS_URL, hunter2", "REDIS_URL, http://:hunter2@host",
            "REDIS_URL, 'redis://:hunter2@one,redis://two'", "REDIS_URL, redis://:hunter2 @host", "REDIS_URL, redis://:hunter2%zz@host",
            "REDIS_URL, redis://user:77#hunter2@host", "REDIS_URL, redis://user:77/hunter2@host",
            "REDIS_URL, redis-sentinel://:hunter2@host",
            "REDIS_URL, redis://:hunter2@host/zero", "DATABASE_URL, hunter2", "DATABASE_URL, mysql://u:hunter2@host/db",
            "DATABASE_URL, postgres://u:hunter2@host", "DATABASE_URL, postgres://u:hunter2 @host/db",
            "DATABASE_URL, postgres://u:hunter2%zz@host/db",
            "DATABASE_URL, postgres://u:77#hunter2@host/db", "DATABASE_URL, postgres://u:77/hunter2@host/db",
            "DATABASE_URL, jdbc:postgresql://u:hunter2@host/db"})
    void aSecretThatIsRefusedIsNotRepeated(String variable, String value) {
        assertThat(value).contains(SECRET);
        Map<String, String> environment = new HashMap<>(COMPLETE);
        environment.put(variable, value);
        assertThatExceptionOfType(SettingsException.class).isThrownBy(() -> useAll(Settings.read(environment))).satisfies(e -> {
            assertThat(e.getMessage()).startsWith(variable + " ").doesNotContain(SECRET).doesNotContain("\n");
            assertThat(e.getCause()).isNull();
        });
    }

    @Test
    void noSecretIsShownByToString() {
        Settings settings = Settings.read(Map.of("REDIS_URL", "redis://user:hunter2@host:6379/3", "DATABASE_URL",
                "postgres://user:hunter2@host/db?password=hunter2", "MILLRACE_ADMIN_KEY", "hunter2-hunter2-hunter2-hunter2",
                "MILLRACE_KEY_PEPPER", "hunter2-hunter2-hunter2-hunter2"));
        Settings jdbc = settings.with(Map.of(Setting.DATABASE_URL, "jdbc:postgresql://host/db?user=user&password=hunter2"));
        assertThat(Stream.of(settings, settings.redis(), settings.database(), jdbc.database(), settings.door(), settings.admission(),
                settings.engine(), settings.persister())).allSatisfy(part -> assertThat(part.toString()).doesNotContain(SECRET));
        assertThat(settings.redis()).hasToString("RedisSettings[redis://host:6379, namespace mr]");
        assertThat(settings.database()).hasToString("DatabaseSettings[jdbc:postgresql://host/db]");
        assertThat(jdbc.database()).hasToString("DatabaseSettings[jdbc:postgresql://host/db]");
        assertThat(settings.door()).hasToString("DoorSettings[port 8080, environment live]");
    }

    private static void useAll(Settings settings) {
        Stream.<Consumer<Settings>>of(Settings::redis, Settings::database, Settings::door, Settings::admission, Settings::engine,
                Settings::persister, Settings::partitions, Settings::users).forEach(use -> use.accept(settings));
    }
}
