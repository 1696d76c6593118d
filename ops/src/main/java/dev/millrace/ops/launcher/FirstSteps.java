package dev.millrace.ops.launcher;

/** What a person can paste into a shell to see a new system work: a client, its key, a score, the board. */
final class FirstSteps {
    private FirstSteps() {}

    /** Commands for a POSIX shell; they make a client of a new name each time. */
    static String commands(String envFile) {
        return """
            . %s
            KEY=$(curl -s "$API_URL/v1/clients" -H "X-Api-Key: $MILLRACE_ADMIN_KEY" -H 'Content-Type: application/json' \\
              -d '{"id":"demo-'$(date +%%s)'","name":"Demo"}' | sed -n 's/.*"apiKey" *: *"\\([^"]*\\)".*/\\1/p')
            curl -s "$API_URL/v1/scores" -H "X-Api-Key: $KEY" -H 'Content-Type: application/json' -d '{"player":"ada","add":42}'; echo
            curl -s "$API_URL/v1/boards/main/top" -H "X-Api-Key: $KEY"; echo""".formatted(shellWord(envFile));
    }

    /** A path that {@code .} does not look for on the PATH, quoted where it has to be. */
    private static String shellWord(String path) {
        String local = path.contains("/") && !path.startsWith("-") ? path : "./" + path;
        return local.matches("[A-Za-z0-9_./:@%+=,-]+") ? local : "'" + local.replace("'", "'\\''") + "'";
    }
}
