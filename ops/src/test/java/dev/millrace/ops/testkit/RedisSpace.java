package dev.millrace.ops.testkit;

/**
 * A test class's part of a Redis.
 *
 * @param server the server; shared with other classes unless it was asked for as the class's own
 * @param namespace a key prefix that no other test class has
 */
public record RedisSpace(RedisServer server, String namespace) {

    public String uri() {
        return server.uri();
    }

    /** Deletes everything in it, scripts and functions too; for use before each test. */
    public void clear() {
        server.command("FLUSHALL");
        server.command("SCRIPT", "FLUSH");
        server.command("FUNCTION", "FLUSH");
    }
}
