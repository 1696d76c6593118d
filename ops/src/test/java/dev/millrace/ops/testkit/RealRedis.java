package dev.millrace.ops.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class a real Redis, empty when the class begins. Constructors, test and lifecycle methods may take a {@link RedisSpace},
 * and where the server is the class's own, the {@link dev.millrace.ops.embedded.EmbeddedRedis} itself.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(RealRedisExtension.class)
public @interface RealRedis {
    /**
     * Whether the class has an embedded server to itself, which it may kill, pause and configure, instead of the one that all classes share,
     * embedded or in a container.
     */
    boolean own() default false;
}
