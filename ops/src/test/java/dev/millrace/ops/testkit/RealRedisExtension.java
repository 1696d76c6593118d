package dev.millrace.ops.testkit;

import dev.millrace.ops.embedded.EmbeddedRedis;
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

/** Carries out {@link RealRedis}. */
final class RealRedisExtension implements BeforeAllCallback, ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(RealRedisExtension.class);
    private static final AtomicInteger COUNT = new AtomicInteger();

    @Override
    public void beforeAll(ExtensionContext context) {
        Optional<RealRedis> asked = AnnotationSupport.findAnnotation(context.getRequiredTestClass(), RealRedis.class);
        if (asked.isEmpty()) {
            return; // A nested class that does not ask for more lives in the space of its outer class.
        }
        ExtensionContext.Store store = context.getStore(NAMESPACE);
        RedisServer server;
        if (asked.get().own()) {
            EmbeddedRedis own = EmbeddedRedis.start(TestServers.redisOptions());
            server = new EmbeddedServers.Redis(own);
            store.put(EmbeddedRedis.class, own); // The store closes it when the class is done.
        } else {
            server = TestServers.shared(context).redis();
        }
        RedisSpace space = new RedisSpace(server, namespace(context.getRequiredTestClass()));
        space.clear();
        store.put(RedisSpace.class, space);
    }

    private static String namespace(Class<?> testClass) {
        return testClass.getSimpleName().toLowerCase(Locale.ROOT) + COUNT.incrementAndGet();
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return Set.of(RedisSpace.class, EmbeddedRedis.class).contains(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        ExtensionContext.Store store = context.getStore(NAMESPACE);
        if (parameter.getParameter().getType() == RedisSpace.class) {
            return store.get(RedisSpace.class, RedisSpace.class);
        }
        EmbeddedRedis own = store.get(EmbeddedRedis.class, EmbeddedRedis.class);
        if (own == null) {
            throw new ParameterResolutionException("an EmbeddedRedis is only for a class with @RealRedis(own = true)");
        }
        return own;
    }
}
