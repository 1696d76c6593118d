package dev.millrace.ops.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ops.testkit.RoleProcess;
import dev.millrace.ops.testkit.workload.AdmissionDoor;
import dev.millrace.ops.testkit.workload.Backlog;
import dev.millrace.ops.testkit.workload.Journal;
import dev.millrace.ops.testkit.workload.Oracle;
import dev.millrace.ops.testkit.workload.Oracle.Verdict;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.settings.Settings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One Redis, one Postgres, and the role processes that work on them under a namespace of their own; and a way to look into it. */
public final class Installation implements AutoCloseable {
    public static final String PROCESSOR = "processor";
    public static final String PERSISTER = "persister";
    public static final String INGEST_API = "ingest-api";
    public static final String ADMIN_KEY = "the-administrator-of-the-tests";

    /** The test looks on; it is the roles that must be quick. */
    private static final Duration PATIENT = Duration.ofSeconds(10);
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Pattern OWNER = Pattern.compile(".*-(\\d+)-[0-9a-f]+");

    private final Map<String, String> environment;
    private final String jdbcUrl;
    private final Settings settings;
    private final List<AutoCloseable> opened = new ArrayList<>();
    public final Redis redis;
    public final Namespace namespace;

    /**
     * Opens a namespace that nobody has used, for roles to be started in.
     *
     * @param jdbcUrl the same database as the URL, for the test itself
     * @param others further settings of every role
     */
    public Installation(String redisUrl, String databaseUrl, String jdbcUrl, Map<String, String> others) {
        Map<String, String> all = new TreeMap<>(Map.of("REDIS_URL", redisUrl, "DATABASE_URL", databaseUrl, "MILLRACE_NAMESPACE",
                "e2e" + COUNT.incrementAndGet(), "MILLRACE_ADMIN_KEY", ADMIN_KEY, "MILLRACE_KEY_PEPPER", "a-pepper-of-the-tests-alone"));
        all.putAll(others);
        this.environment = Map.copyOf(all);
        this.jdbcUrl = jdbcUrl;
        this.settings = Settings.read(environment);
        this.redis = Redis.connect(settings.redis(), PATIENT);
        opened.add(redis);
        this.namespace = Namespace.open(redis, new Keyspace(settings.redis().namespace()), settings.partitions());
    }

    public Settings settings() {
        return settings;
    }

    /** Starts roles side by side, and returns when all are ready. */
    public List<RoleProcess> start(String... roles) {
        List<RoleProcess> started = Stream.of(roles).map(this::launch).toList();
        started.forEach(RoleProcess::awaitReady);
        return started;
    }

    /** Starts a role, and does not wait. */
    public RoleProcess launch(String role) {
        return launch(role, Map.of());
    }

    public RoleProcess launch(String role, Map<String, String> others) {
        return launch(role, others, List.of());
    }

    /** Starts a role with folders of classes and resources that go before its own, and does not wait. */
    public RoleProcess launch(String role, Map<String, String> others, List<Path> before) {
        Map<String, String> all = new TreeMap<>(environment);
        all.putAll(others);
        RoleProcess launched = RoleProcess.launch(role, all, before);
        opened.add(launched);
        return launched;
    }

    public AdmissionDoor admissionDoor() {
        return new AdmissionDoor(redis, namespace, settings.admission());
    }

    public Journal journal(String name) {
        Journal journal = Journal.at(Path.of("target", "journals", name + ".tsv").toAbsolutePath());
        opened.add(journal);
        return journal;
    }

    public Backlog backlog() {
        return new Backlog(redis, namespace);
    }

    /** Waits until everything is drained, and says which promises were not kept to the events in the journal. */
    public Verdict check(String client, Journal journal, Duration drainedWithin) throws SQLException {
        return new Oracle(redis, namespace, jdbcUrl, client).check(journal, drainedWithin);
    }

    /** Waits until everything is drained, and fails unless every promise was kept to every event in the journal. */
    public void assertPromisesKept(String client, Journal journal, Duration drainedWithin) throws SQLException {
        Verdict verdict = check(client, journal, drainedWithin);
        System.out.println(client + ": " + journal + ", drained in " + verdict.drainedIn().map(Duration::toMillis).orElse(-1L) + " ms");
        assertThat(verdict.violations()).as("%s: %s", client, journal).isEmpty();
        assertThat(journal.open()).as("events of unknown outcome").isEmpty();
    }

    /** Which process works each partition; partitions that nobody owns are missing. */
    public Map<Integer, Long> owners() {
        Map<Integer, Long> owners = new TreeMap<>();
        for (int partition = 0; partition < namespace.partitions().count(); partition++) {
            byte[] owner = redis.hgetall(namespace.keys().lease(partition, Keyspace.PROCESSORS)).get("owner");
            Matcher named = OWNER.matcher(owner == null ? "" : new String(owner, StandardCharsets.UTF_8));
            if (named.matches()) {
                owners.put(partition, Long.valueOf(named.group(1)));
            }
        }
        return owners;
    }

    public List<Integer> partitionsOf(RoleProcess processor) {
        return owners().entrySet().stream().filter(owned -> owned.getValue() == processor.pid()).map(Map.Entry::getKey).toList();
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable one : opened.reversed()) {
            one.close();
        }
    }
}
