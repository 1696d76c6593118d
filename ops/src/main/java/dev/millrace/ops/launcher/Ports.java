package dev.millrace.ops.launcher;

import dev.millrace.ops.embedded.StartupException;
import dev.millrace.schema.settings.Setting;
import dev.millrace.schema.settings.Settings;
import dev.millrace.schema.settings.SettingsException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.List;

/** The ports a process is to listen on, looked at before anything starts, so that a busy one is told by the name of its setting. */
final class Ports {
    private Ports() {}

    /**
     * Fails unless each of these settings names a port of its own that nobody has. Port 0, any that is free, always passes.
     *
     * @throws SettingsException if two name the same
     * @throws StartupException if one is taken or not allowed
     */
    static void requireFree(Settings settings, Setting... ports) {
        List<Integer> fixed = Arrays.stream(ports).map(port -> number(settings, port)).filter(port -> port != 0).toList();
        if (fixed.stream().distinct().count() < fixed.size()) {
            throw new SettingsException(
                    Setting.PORT.variable() + " and " + Setting.MANAGEMENT_PORT.variable() + " are both " + fixed.getFirst()
                            + "; give each a port of its own");
        }
        for (Setting port : ports) {
            requireFree(port, number(settings, port));
        }
    }

    private static void requireFree(Setting setting, int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(port));
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            String why = message.contains("already in use") ? "is taken by another program; stop that program or set "
                    : "can't be opened (" + message + "); set ";
            throw new StartupException(setting.variable() + ' ' + port + ' ' + why + setting.variable() + " to another port", e);
        }
    }

    private static int number(Settings settings, Setting port) {
        return Integer.parseInt(settings.value(port).orElseThrow());
    }
}
