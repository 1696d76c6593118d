package dev.millrace.ops.embedded;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** What {@code millrace up} does with its servers, bare: starts both in a data folder, and stops them when the JVM is told to end. */
final class ServersUntilTold {
    private ServersUntilTold() {}

    public static void main(String[] arguments) throws InterruptedException {
        DataFolder data = DataFolder.open(Path.of(arguments[0]));
        System.out.println("opened " + data.path());
        EmbeddedServers servers = start(data);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            System.out.println("atShutdown redis=" + servers.redis().command("PING") + " postgres=" + serves(servers.postgres()));
            servers.stop();
            data.close();
            System.out.println("stopped " + !servers.redis().isRunning());
        }));
        servers.redis().command("INCR", "starts");
        if (List.of(arguments).contains("paused")) {
            servers.redis().pause();
            servers.postgres().pause();
        }
        System.out.println("serving " + servers.redis().pid() + " " + servers.postgres().pid());
        new CountDownLatch(1).await();
    }

    /** With the user's binaries, which are unpacked already. */
    static EmbeddedServers start(DataFolder data) {
        BinaryStore binaries = BinaryStore.ofUser();
        return EmbeddedServers.start(data.redis().withBinaries(binaries), data.postgres().withBinaries(binaries));
    }

    /** Whether its processes are all there: a signal to the terminal's group would have reached them before this hook. */
    private static boolean serves(EmbeddedPostgres postgres) {
        return Optional.of(postgres.sign(postgres.port(), postgres.pid())).filter(EmbeddedServer.Sign.READY::equals).isPresent();
    }
}
