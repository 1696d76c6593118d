package dev.millrace.ops.embedded;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Servers that an earlier run left behind on a folder: their JVM was killed and their reaper is still at work, or was killed too.
 *
 * <p>They are looked for by what they are, not by a pid file that may be stale or point at a stranger: the program's name and, among its
 * arguments, the path that only a server of this folder is started with. Only to be called while the folder's lock is held, when such a
 * server can have no living master.
 */
final class Leftovers {
    private static final Logger log = LoggerFactory.getLogger(Leftovers.class);
    private static final Duration REAPER_LIMIT = Duration.ofSeconds(3);
    private static final Duration GRACEFUL_LIMIT = Duration.ofSeconds(10);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(5);

    private Leftovers() {}

    /**
     * Waits for leftover servers to go, then ends them.
     *
     * @param program file name of the server's executable
     * @param marker an absolute path among the arguments of a server of this folder, and of no other process
     * @param graceful the signal that asks it to stop in good order
     */
    static void end(String program, Path marker, Signal graceful) {
        List<ProcessHandle> found = find(program, marker);
        if (found.isEmpty()) {
            return;
        }
        List<Long> pids = found.stream().map(ProcessHandle::pid).toList();
        log.info("a {} of an earlier run is still there (pid {}); waiting for it to end", program, pids);
        if (gone(found, REAPER_LIMIT)) {
            return;
        }
        Signal.CONT.send(found.stream().flatMap(one -> Stream.concat(one.descendants(), Stream.of(one))).map(ProcessHandle::pid).toList());
        graceful.send(pids);
        if (gone(found, GRACEFUL_LIMIT)) {
            return;
        }
        log.warn("the {} of an earlier run does not stop (pid {}); killing it", program, pids);
        found.forEach(one -> one.descendants().forEach(ProcessHandle::destroyForcibly));
        Signal.KILL.send(pids);
        if (!gone(found, KILL_LIMIT)) {
            throw new StartupException("A " + program + " of an earlier run (pid " + pids.getFirst() + ") uses " + marker
                    + " and can't be ended; end that process, then start again.");
        }
    }

    static List<ProcessHandle> find(String program, Path marker) {
        List<ProcessHandle> found = ProcessHandle.allProcesses().filter(one -> isServer(one, program, marker.toString())).toList();
        // A server's child looks like the server itself until it has given itself a title.
        return found.stream().filter(one -> one.parent().filter(found::contains).isEmpty()).toList();
    }

    private static boolean isServer(ProcessHandle process, String program, String marker) {
        ProcessHandle.Info info = process.info();
        return info.command().map(Leftovers::fileName).filter(program::equals).isPresent()
                && info.arguments().map(List::of).filter(arguments -> arguments.contains(marker)).isPresent();
    }

    /** The kernel adds " (deleted)" to the name of a running program whose file was removed meanwhile. */
    private static String fileName(String command) {
        return command.substring(command.lastIndexOf('/') + 1).replace(" (deleted)", "");
    }

    private static boolean gone(List<ProcessHandle> found, Duration limit) {
        return Interrupts.waitUntil(() -> found.stream().noneMatch(one -> one.isAlive() && one.info().command().isPresent()), limit);
    }
}
