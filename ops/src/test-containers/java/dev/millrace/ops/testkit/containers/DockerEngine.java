package dev.millrace.ops.testkit.containers;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;

/** Ends with 1 and one line of explanation unless a Docker engine answers: the build asks before it begins with the tests. */
public final class DockerEngine {
    private DockerEngine() {}

    /** Takes no arguments. */
    public static void main(String[] arguments) {
        // Testcontainers tells at length where it has looked.
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
        String reason = "no Docker engine answers";
        boolean there = false;
        try {
            there = DockerClientFactory.instance().isDockerAvailable();
        } catch (RuntimeException unusable) {
            reason = "Testcontainers can't use the Docker engine (" + unusable.getMessage() + ")";
        }
        if (!there) {
            System.err.println("-Pcontainers runs the tests on containers, and " + reason
                    + ": start one, set DOCKER_HOST, or leave -Pcontainers away for the embedded servers.");
        }
        // The threads of the engine's client would keep a mere return from ending the process.
        System.exit(there ? 0 : 1);
    }
}
