package dev.millrace.schema.redis;

import io.lettuce.core.RedisCommandExecutionException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A node of a Redis Cluster says that a command belongs elsewhere. It has run no part of it, so sending it there is no second try.
 *
 * @param host empty for the host that was asked
 */
record Redirect(Kind kind, int slot, String host, int port) {
    private static final Pattern ELSEWHERE = Pattern.compile("(MOVED|ASK) (\\d+) (.*):(\\d+)");

    /** Why it belongs elsewhere. */
    enum Kind {
        /** The slot is another node's. */
        MOVED,
        /** The slot is on its way to another node, and these keys are there already. */
        ASK,
        /** The slot is on its way to another node, and its keys are partly here and partly there: soon they will be together. */
        TRYAGAIN
    }

    /** The redirect that a failure is, if it is one. */
    static Optional<Redirect> of(Throwable failure) {
        String message = Failure.cause(failure) instanceof RedisCommandExecutionException refusal ? refusal.getMessage() : null;
        if (message == null) {
            return Optional.empty();
        }
        if (message.startsWith("TRYAGAIN")) {
            return Optional.of(new Redirect(Kind.TRYAGAIN, -1, "", 0));
        }
        Matcher elsewhere = ELSEWHERE.matcher(message);
        return elsewhere.matches() ? Optional.of(new Redirect(Kind.valueOf(elsewhere.group(1)), Integer.parseInt(elsewhere.group(2)),
                elsewhere.group(3), Integer.parseInt(elsewhere.group(4)))) : Optional.empty();
    }
}
