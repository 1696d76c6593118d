package dev.millrace.ops.testkit.containers;

import dev.millrace.ops.embedded.RedisWire;
import dev.millrace.ops.testkit.RedisServer;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** A Redis in a container. */
record ContainerRedis(GenericContainer<?> container) implements RedisServer {
    private static final int PORT = 6379;

    static ContainerRedis start(String image) {
        GenericContainer<?> container = new GenericContainer<>(image).withExposedPorts(PORT)
                .withCommand("redis-server", "--protected-mode", "no", "--appendonly", "yes", "--save", "", "--maxmemory-policy",
                        "noeviction")
                .waitingFor(Wait.forLogMessage(".*Ready to accept connections.*\\s", 1));
        ContainerServers.start(container, PORT);
        return new ContainerRedis(container);
    }

    @Override
    public int port() {
        return container.getMappedPort(PORT);
    }

    @Override
    public @Nullable String command(String... words) {
        return RedisWire.command(port(), null, words);
    }

    @Override
    public void close() {
        container.stop();
    }
}
