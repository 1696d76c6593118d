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
    void theServerIsSetUpAsInProduction() {
        assertThat(space.server().command("PING")).isEqualTo("PONG");
        assertThat(space.server().command("CONFIG", "GET", "appendonly")).isEqualTo("appendonly\nyes");
        assertThat(space.server().command("CONFIG", "GET", "maxmemory-policy")).isEqualTo("maxmemory-policy\nnoeviction");
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
        void theServerAndTheSpaceBelongTogether(RedisSpace inner, EmbeddedRedis own) {
            assertThat(inner.server().port()).isEqualTo(own.port()).isNotEqualTo(space.server().port());
        }

        @Test
        void theServerMayBeKilledWhileTheSharedOneGoesOn(EmbeddedRedis own) {
            own.kill();
            assertThat(space.server().command("PING")).isEqualTo("PONG");
        }
    }
}
