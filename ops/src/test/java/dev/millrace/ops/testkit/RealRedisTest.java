package dev.millrace.ops.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ops.embedded.EmbeddedRedis;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@RealRedis
final class RealRedisTest {
    private final RedisSpace space;

    RealRedisTest(RedisSpace space) {
        this.space = space;
    }

    @Test
    void theServerAndTheSpaceBelongTogether(EmbeddedRedis server) {
        assertThat(space.server()).isSameAs(server);
        assertThat(server.command("PING")).isEqualTo("PONG");
        assertThat(space.namespace()).matches("realredistest[0-9]+");
    }

    @Test
    void clearingLeavesNothing() {
        space.server().command("SET", space.namespace() + ":k", "v");
        space.clear();
        assertThat(space.server().command("DBSIZE")).isEqualTo("0");
    }

    @Nested
    final class InAnInnerClass {
        @Test
        void theSpaceIsTheOuterOne(RedisSpace inner) {
            assertThat(inner).isSameAs(space);
        }
    }

    @Nested
    @RealRedis(own = true)
    final class WithAServerOfItsOwn {
        @Test
        void theServerMayBeKilledWhileTheSharedOneGoesOn(EmbeddedRedis own) {
            own.kill();
            assertThat(space.server().command("PING")).isEqualTo("PONG");
        }
    }
}
