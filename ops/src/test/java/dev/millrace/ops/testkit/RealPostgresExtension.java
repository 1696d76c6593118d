package dev.millrace.ops.testkit;

import dev.millrace.ops.embedded.EmbeddedPostgres;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Carries out {@link RealPostgres}. */
final class RealPostgresExtension implements BeforeAllCallback, ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(RealPostgresExtension.class);
    private static final AtomicInteger COUNT = new AtomicInteger();

    @Override
    public void beforeAll(ExtensionContext context) {
        Optional<RealPostgres> asked = AnnotationSupport.findAnnotation(context.getRequiredTestClass(), RealPostgres.class);
        if (asked.isEmpty()) {
            return; // A nested class that does not ask for more lives in the database of its outer class.
        }
        ExtensionContext.Store store = context.getStore(NAMESPACE);
        PostgresServer server;
        if (asked.get().own()) {
            EmbeddedPostgres own = EmbeddedPostgres.start(TestServers.postgresOptions());
            server = new EmbeddedServers.Postgres(own);
            store.put(EmbeddedPostgres.class, own); // The store closes both when the class is done, the database first.
        } else {
            server = TestServers.shared(context).postgres();
        }
        store.put(PostgresDatabase.class, PostgresDatabase.create(server, name(context.getRequiredTestClass())));
    }

    private static String name(Class<?> testClass) {
        return testClass.getSimpleName().toLowerCase(Locale.ROOT) + "_" + COUNT.incrementAndGet();
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return Set.of(PostgresDatabase.class, EmbeddedPostgres.class).contains(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        ExtensionContext.Store store = context.getStore(NAMESPACE);
        if (parameter.getParameter().getType() == PostgresDatabase.class) {
            return store.get(PostgresDatabase.class, PostgresDatabase.class);
        }
        EmbeddedPostgres own = store.get(EmbeddedPostgres.class, EmbeddedPostgres.class);
        if (own == null) {
            throw new ParameterResolutionException("an EmbeddedPostgres is only for a class with @RealPostgres(own = true)");
        }
        return own;
    }
}
