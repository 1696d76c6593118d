package dev.millrace.ops.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class a fresh, empty database in a real Postgres. Constructors, test and lifecycle methods may take a
 * {@link PostgresDatabase}, and where the server is the class's own, the {@link dev.millrace.ops.embedded.EmbeddedPostgres} itself.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(RealPostgresExtension.class)
public @interface RealPostgres {
    /**
     * Whether the class has an embedded server to itself (durable), which it may kill and pause, instead of the one that all classes share,
     * embedded or in a container.
     */
    boolean own() default false;
}
