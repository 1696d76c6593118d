package dev.millrace.ops.testkit;

import java.util.ServiceLoader;

/**
 * Where the servers come from that test classes share: {@code embedded} ones, which need nothing, or {@code containers}, which the Maven
 * profile of that name adds to the class path.
 */
public interface ServerSource {
    /** The system property that chooses. */
    String PROPERTY = "millrace.test.stores";

    /** Starts a Redis and waits until it answers. */
    RedisServer startRedis();

    /** Starts a Postgres and waits until it takes connections. It need not be durable. */
    PostgresServer startPostgres();

    /**
     * The chosen one.
     *
     * @throws IllegalStateException when there is none of that name: no other one takes its place
     */
    static ServerSource chosen() {
        String word = System.getProperty(PROPERTY, "embedded");
        return switch (word) {
            case "embedded" -> new EmbeddedServers();
            case "containers" -> ServiceLoader.load(ServerSource.class).findFirst().orElseThrow(
                    () -> new IllegalStateException(PROPERTY + "=containers works only in the Maven profile: mvn verify -Pcontainers"));
            default -> throw new IllegalStateException(PROPERTY + " is embedded or containers, not " + word);
        };
    }
}
