package dev.millrace.schema.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.millrace.schema.settings.RedisSettings.Topology;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RedisSettingsTest {
    @ParameterizedTest
    @CsvSource({"redis://host, redis://host", "redis://host:6380, redis://host:6380", "rediss://host:6380/3, rediss://host:6380",
            "redis://[::1]:6379, redis://[::1]:6379", "redis://:pw@host, redis://host", "redis://user:pw@host:6379/0, redis://host:6379",
            "redis://:p%40ss@host, redis://host", "redis-sentinel://host:26379/0#mymaster, redis-sentinel://host:26379",
            "redis-sentinel://:pw@host?sentinelMasterId=mymaster, redis-sentinel://host"})
    void anAddressIsShownWithoutItsPassword(String url, String display) {
        assertThat(of(url).display()).isEqualTo(display);
        assertThat(of(url)).hasToString("RedisSettings[" + display + ", namespace mr]");
    }

    /** What is taken here must not be refused where the connection is made. */
    @ParameterizedTest
    @CsvSource({"redis://host, host, 6379, 0, ,", "redis://host:6380/3, host, 6380, 3, ,",
            "redis://:p%40ss%3A%2F%23%25@host, host, 6379, 0, , p@ss:/#%",
            "rediss://user:pw@host:6380, host, 6380, 0, user, pw", "redis://:a+b@host, host, 6379, 0, , a+b",
            "redis://host?database=5, host, 6379, 5, ,"})
    void anAddressMeansTheSameToTheDriver(String url, String host, int port, int database, String user, String password) {
        RedisURI uri = RedisURI.create(of(url).url());
        assertThat(uri.getHost()).isEqualTo(host);
        assertThat(uri.getPort()).isEqualTo(port);
        assertThat(uri.getDatabase()).isEqualTo(database);
        assertThat(uri.isSsl()).isEqualTo(url.startsWith("rediss:"));
        assertThat(uri.getCredentialsProvider().resolveCredentials().block().getUsername()).isEqualTo(user);
        char[] found = uri.getCredentialsProvider().resolveCredentials().block().getPassword();
        assertThat(found == null ? null : new String(found)).isEqualTo(password);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "host:6379", "http://host", "redis:host", "redis://", "redis+tls://host", "REDIS://host",
            "unix:///tmp/redis.sock"})
    void anyOtherSchemeIsRefused(String url) {
        assertRefused(url, "REDIS_URL must start with redis://, rediss:// or redis-sentinel://");
    }

    @ParameterizedTest
    @CsvSource({"redis://host, SINGLE", "rediss://host:6380/3, SINGLE", "redis-sentinel://one#mymaster, SENTINEL",
            "'redis-sentinel://:pw@one:26379,two,three:26380/0#mymaster', SENTINEL", "'redis://one,redis://two', CLUSTER",
            "'rediss://u:pw@one:6379/0, rediss://u:pw@two:6379', CLUSTER"})
    void theAddressSaysWhatStandsBehindIt(String url, Topology topology) {
        assertThat(of(url).topology()).isEqualTo(topology);
        assertThat(of(url).display()).doesNotContain("pw");
    }

    @Test
    void theNodesOfAListAreToldApart() {
        assertThat(of("redis://:p%2Cw@one:7001, redis://:p%2Cw@two").urls()).containsExactly("redis://:p%2Cw@one:7001",
                "redis://:p%2Cw@two");
        assertThat(of("redis://:p%2Cw@one:7001, redis://:p%2Cw@two").display()).isEqualTo("redis://one:7001,redis://two");
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis://:a@one,redis://:b@two", "redis://one,rediss://two", "redis://one,redis-sentinel://two#m",
            "redis://:a@one,redis://two"})
    void nodesOfAClusterAreSpokenToAlike(String url) {
        assertRefused(url, "REDIS_URL lists the nodes of a Redis Cluster, whose scheme, user and password must be the same");
    }

    @Test
    void aClusterHasOneDatabase() {
        assertRefused("redis://one/0,redis://two/3", "REDIS_URL lists the nodes of a Redis Cluster, which has no database but 0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"redis://:p w@host", "redis://:100%@host", "redis://user:77#pw@host", "redis://user:77/pw@host", "redis://:p#w@host",
                    "redis://:p@ss@host", "redis://host#0", "redis:///0", "redis://?x=y", "redis://host/zero", "redis://host/0/1",
                    "redis://my_redis:6379", "redis://one,", "redis://:p,w@one", "redis://one,two",
                    "redis-sentinel://one,my_redis#m"})
    void anAddressThatCanNotBeIsRefused(String url) {
        assertRefused(url,
                "REDIS_URL is no valid address such as redis://user:password@host:6379/0; characters such as @, /, # and commas"
                        + " in the password must be percent-encoded, and a host name has no underscore");
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis-sentinel://host:26379", "redis-sentinel://host:26379/0", "redis-sentinel://host#"})
    void aSentinelMustBeToldItsMaster(String url) {
        assertRefused(url, "REDIS_URL of a sentinel must name the master: redis-sentinel://host:26379/0#master");
    }

    private static RedisSettings of(String url) {
        return new RedisSettings(url, "mr", Duration.ofSeconds(1));
    }

    private static void assertRefused(String url, String message) {
        assertThatExceptionOfType(SettingsException.class).isThrownBy(() -> of(url)).withMessage(message);
    }
}
