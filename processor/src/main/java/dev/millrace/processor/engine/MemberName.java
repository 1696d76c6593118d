package dev.millrace.processor.engine;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;

/** Names a process for the member list. */
public final class MemberName {
    private MemberName() {}

    /** Host and process id for people, and a random part, because containers share both and a restarted process must be a new member. */
    public static String make() {
        return host() + '-' + ProcessHandle.current().pid() + '-' + Integer.toHexString(new SecureRandom().nextInt());
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "host";
        }
    }
}
