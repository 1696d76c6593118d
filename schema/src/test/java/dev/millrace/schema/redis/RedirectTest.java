package dev.millrace.schema.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schema.redis.Redirect.Kind;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RedirectTest {
    @Test
    void aRedirectNamesAnotherNode() {
        assertThat(Redirect.of(refusal("MOVED 3999 127.0.0.1:6381"))).contains(new Redirect(Kind.MOVED, 3999, "127.0.0.1", 6381));
        assertThat(Redirect.of(refusal("ASK 0 fe80::1:6381"))).contains(new Redirect(Kind.ASK, 0, "fe80::1", 6381));
        assertThat(Redirect.of(refusal("MOVED 16383 :6381"))).contains(new Redirect(Kind.MOVED, 16_383, "", 6381));
        assertThat(Redirect.of(new CompletionException(refusal("TRYAGAIN Multiple keys request during rehashing of slot"))))
                .hasValueSatisfying(redirect -> assertThat(redirect.kind()).isEqualTo(Kind.TRYAGAIN));
    }

    @ParameterizedTest
    @ValueSource(strings = {"MOVED", "MOVED somewhere", "ERR MOVED 1 a:1", "CLUSTERDOWN The cluster is down", ""})
    void anythingElseIsNone(String message) {
        assertThat(Redirect.of(refusal(message))).isEmpty();
    }

    /** Only a server's own answer is proof that it did not run the command. */
    @Test
    void aBrokenConnectionIsNone() {
        assertThat(Redirect.of(new RedisException("MOVED 1 a:1"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"MOVED 1 a:1", "ASK 1 a:1", "TRYAGAIN Multiple keys", "CLUSTERDOWN Hash slot not served", "READONLY You can't",
            "LOADING Redis is loading"})
    void whatDidNotRunIsKnownNotToHaveRun(String message) {
        assertThat(Failure.of(refusal(message))).isInstanceOfSatisfying(RedisUnavailableException.class,
                e -> assertThat(e.outcomeUnknown()).isFalse());
        assertThat(Failure.of(new RedisException("Connection disconnected"))).isInstanceOfSatisfying(RedisUnavailableException.class,
                e -> assertThat(e.outcomeUnknown()).isTrue());
    }

    private static RedisCommandExecutionException refusal(String message) {
        return new RedisCommandExecutionException(message);
    }
}
