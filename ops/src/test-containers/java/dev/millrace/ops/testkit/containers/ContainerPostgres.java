package dev.millrace.ops.testkit.containers;

import dev.millrace.ops.testkit.PostgresServer;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** A Postgres in a container, sorted by bytes and not durable, as the embedded one that test classes share. */
record ContainerPostgres(GenericContainer<?> container) implements PostgresServer {
    private static final int PORT = 5432;
    private static final String NAME = "millrace";

    static ContainerPostgres start(String image) {
        GenericContainer<?> container = new GenericContainer<>(image).withExposedPorts(PORT)
                .withEnv("POSTGRES_USER", NAME)
                .withEnv("POSTGRES_PASSWORD", NAME)
                .withEnv("POSTGRES_INITDB_ARGS", "--encoding=UTF8 --locale=C")
                .withCommand("postgres", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=300", "-c", "timezone=UTC")
                // The first time it says so it is only being set up, and then stops.
                .waitingFor(Wait.forLogMessage(".*database system is ready to accept connections.*\\s", 2));
        ContainerServers.start(container, PORT);
        return new ContainerPostgres(container);
    }

    @Override
    public int port() {
        return container.getMappedPort(PORT);
    }

    @Override
    public String user() {
        return NAME;
    }

    @Override
    public String password() {
        return NAME;
    }

    @Override
    public boolean isRunning() {
        return container.isRunning();
    }

    @Override
    public void close() {
        container.stop();
    }
}
