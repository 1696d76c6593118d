package dev.millrace.schema.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DatabaseSettingsTest {
    @ParameterizedTest
    @CsvSource({"postgres://host/db, jdbc:postgresql://host/db", "postgresql://host/db, jdbc:postgresql://host/db",
            "postgres://host:5433/db, jdbc:postgresql://host:5433/db", "postgres://[::1]:5433/db, jdbc:postgresql://[::1]:5433/db",
            "postgres://leaderboard_eu:5432/db, jdbc:postgresql://leaderboard_eu:5432/db",
            "'postgres://one:5432,two:5433/db?targetServerType=primary', 'jdbc:postgresql://one:5432,two:5433/db?targetServerType=primary'",
            "postgres://host/db?sslmode=require&options=-c%20search_path%3Dbooks, jdbc:postgresql://host/db?sslmode=require&options=-c%20search_path%3Dbooks",
            "postgres://host/my%20db, jdbc:postgresql://host/my%20db"})
    void aPostgresUrlBecomesAJdbcUrl(String url, String jdbc) {
        assertThat(DatabaseSettings.of(url, 4)).isEqualTo(new DatabaseSettings(jdbc, "", "", 4));
    }

    @ParameterizedTest
    @CsvSource({"app, app, ''", "app:pw, app, pw", "app:, app, ''", "app:p%40ss%3Aw%2Frd%23%25, app, p@ss:w/rd#%", "app:a+b, app, a+b",
            "app:a:b, app, a:b", "app%40tenant:pw, app@tenant, pw", "app:p%C3%A4ss, app, päss", "app:p@ss, app, p@ss"})
    void credentialsAreTakenOutOfTheUrl(String credentials, String user, String password) {
        for (String host : new String[]{"host", "my_host:5432"}) {
            DatabaseSettings settings = DatabaseSettings.of("postgres://" + credentials + "@" + host + "/db?ssl=true", 4);
            assertThat(settings).isEqualTo(new DatabaseSettings("jdbc:postgresql://" + host + "/db?ssl=true", user, password, 4));
            assertThat(settings.display()).isEqualTo("jdbc:postgresql://" + host + "/db");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:postgresql://host/db", "jdbc:postgresql://host:5433/db?user=app&password=p%40ss&ssl=true",
            "jdbc:postgresql://one,two/db"})
    void aJdbcUrlIsLeftAsItIs(String url) {
        DatabaseSettings settings = DatabaseSettings.of(url, 4);
        assertThat(settings).isEqualTo(new DatabaseSettings(url, "", "", 4));
        assertThat(settings.display()).isEqualTo(url.replaceFirst("\\?.*", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "host/db", "mysql://host/db", "jdbc:mysql://host/db", "jdbc:postgresql:db", "POSTGRES://host/db"})
    void anyOtherUrlIsRefused(String url) {
        assertThatExceptionOfType(SettingsException.class).isThrownBy(() -> DatabaseSettings.of(url, 4))
                .withMessage("DATABASE_URL must start with postgres:// or jdbc:postgresql://");
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres://host", "postgres://host/", "postgres:///db", "postgres://app@/db", "postgres://:5432/db",
            "postgres://app:pw@host?x=y"})
    void aUrlWithoutHostOrDatabaseIsRefused(String url) {
        assertThatExceptionOfType(SettingsException.class).isThrownBy(() -> DatabaseSettings.of(url, 4))
                .withMessage("DATABASE_URL must name a host and a database: postgres://user:password@host:5432/database");
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres://app:p w@host/db", "postgres://app:100%@host/db", "postgres://app:77#pw@host/db",
            "postgres://app:77/pw@host/db",
            "postgres://app:p/w@host/db", "postgres://host/db#x", "postgres://"})
    void aPasswordThatIsNotEncodedIsRefused(String url) {
        assertThatExceptionOfType(SettingsException.class).isThrownBy(() -> DatabaseSettings.of(url, 4))
                .withMessage("DATABASE_URL is no valid URL; characters such as / and # in the password must be percent-encoded");
    }

    @Test
    void aJdbcUrlWithCredentialsBeforeTheHostIsRefusedBecauseTheDriverKnowsNone() {
        assertThatExceptionOfType(SettingsException.class).isThrownBy(() -> DatabaseSettings.of("jdbc:postgresql://app:pw@host/db", 4))
                .withMessage(
                        "DATABASE_URL as a JDBC URL takes user and password as parameters: jdbc:postgresql://host/database?user=…&password=…");
    }
}
