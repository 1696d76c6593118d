package dev.millrace.ops.testkit.containers;

import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import dev.millrace.ops.testkit.PostgresServer;
import dev.millrace.ops.testkit.RedisServer;
import dev.millrace.ops.testkit.ServerSource;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.testcontainers.containers.GenericContainer;

/** Servers in containers of the engine that Testcontainers finds; the images are those of the Compose file and have its variables. */
public final class ContainerServers implements ServerSource {
    @Override
    public RedisServer startRedis() {
        return ContainerRedis.start(image("REDIS_IMAGE", "redis:7"));
    }

    @Override
    public PostgresServer startPostgres() {
        return ContainerPostgres.start(image("POSTGRES_IMAGE", "postgres:17"));
    }

    /** Starts a container and publishes its port at 127.0.0.1 alone: nobody else need get at a Redis without a password. */
    static void start(GenericContainer<?> container, int port) {
        container.withCreateContainerCmdModifier(command -> command.getHostConfig()
                .withPortBindings(new PortBinding(Ports.Binding.bindIp("127.0.0.1"), new ExposedPort(port))));
        container.start();
        String host = container.getHost();
        boolean here = false;
        try {
            here = InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException elsewhere) {
            // Not this machine either way.
        } finally {
            if (!here) {
                container.stop();
            }
        }
        if (!here) {
            throw new IllegalStateException("the tests need a Docker engine that publishes ports on this machine, not on " + host);
        }
    }

    private static String image(String variable, String otherwise) {
        String chosen = System.getenv(variable);
        return chosen == null || chosen.isBlank() ? otherwise : chosen;
    }
}
