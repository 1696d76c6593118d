package dev.millrace.ops.soak;

import dev.millrace.ops.endtoend.Installation;
import dev.millrace.ops.testkit.RedisProxy;
import dev.millrace.ops.testkit.RedisProxy.Point;
import dev.millrace.ops.testkit.RedisProxy.Words;
import dev.millrace.ops.testkit.RoleProcess;
import dev.millrace.ops.testkit.workload.Door;
import dev.millrace.ops.testkit.workload.HttpDoor;
import dev.millrace.ops.testkit.workload.Journal;
import dev.millrace.ops.testkit.workload.Load;
import dev.millrace.ops.testkit.workload.Oracle.Verdict;
import dev.millrace.ops.testkit.workload.Violation;
import dev.millrace.ops.testkit.workload.Workload;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** One run: an installation, a load on it, and everything that is to happen meanwhile, drawn from the run's seed. */
final class Scene implements AutoCloseable {
    /** Longer than anything should take, for a machine that does much else. */
    static final Duration PATIENCE = Duration.ofSeconds(60);
    static final Duration LEASE = Duration.ofSeconds(1);
    /** For how long a zombie is. */
    static final Duration STOPPED = LEASE.multipliedBy(3);
    private static final int PER_SECOND = 600;
    private static final int NOTED_LANES = 40;
    private static final Duration NOTE_EVERY = Duration.ofMillis(20);
    private static final int PLAYERS = 300;
    /** How much longer a load can go on than it was meant to, for faults that take their time. */
    private static final Duration OVERTIME = Duration.ofSeconds(60);
    /** Time before the first fault and after the last one. */
    static final Duration MARGIN = Duration.ofMillis(1_500);

    final Servers servers;
    final Installation installation;
    final SplittableRandom random;
    final Recovery recovery;
    final String client;
    final Notes notes;
    private final long seed;
    private final Duration length;
    private final List<Path> otherCode;
    private final Journal journal;
    private final List<Runnable> expected = new ArrayList<>();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private @Nullable Load load;
    private @Nullable Thread noting;
    private volatile boolean finished;
    private long startNanos;

    /**
     * Sets a scene on empty servers.
     *
     * @param length of the load at least; it goes on until the last fault is over
     * @param otherCode goes before the code of every process that is launched
     */
    Scene(Servers servers, String client, long seed, Duration length, List<Path> otherCode) throws SQLException {
        this.servers = servers;
        this.client = client;
        this.seed = seed;
        this.length = length;
        this.otherCode = otherCode;
        this.random = new SplittableRandom(seed);
        servers.refresh();
        this.installation = new Installation(servers.redis().uri(), servers.postgres().url(), servers.postgres().jdbcUrl(),
                Map.of("MILLRACE_LEASE_TTL", LEASE.toMillis() + "ms"));
        this.journal = installation.journal(client);
        this.notes = new Notes(servers, installation, client + "-notes");
        this.recovery = new Recovery(installation.redis, installation.namespace);
    }

    /** Launches roles side by side, each on ways of its own, and waits until all are ready. */
    List<Member> start(String... roles) {
        List<Member> members = Stream.of(roles).map(this::launch).toList();
        members.forEach(member -> member.process().awaitReady());
        return new ArrayList<>(members);
    }

    /** Launches a role on ways of its own, and does not wait. */
    Member launch(String role) {
        return launch(role, RoleProcess.freePort());
    }

    /** Launches it with a port for its API. */
    Member launch(String role, int port) {
        RedisProxy toRedis = RedisProxy.to(servers.redis().port());
        RedisProxy toPostgres = RedisProxy.to(servers.postgres().port());
        opened.add(toRedis);
        opened.add(toPostgres);
        // Without prepared statements, every COMMIT passes as that word.
        String database = servers.postgres().url().replace(":" + servers.postgres().port() + "/", ":" + toPostgres.port() + "/")
                + "?prepareThreshold=0";
        Map<String, String> settings = new TreeMap<>(notes.variables());
        settings.putAll(Map.of("REDIS_URL", toRedis.uri(), "DATABASE_URL", database, "PORT", Integer.toString(port)));
        RoleProcess process = installation.launch(role, settings, otherCode());
        return new Member(process, toRedis, toPostgres);
    }

    /** Closes it with the scene. */
    <T extends AutoCloseable> T keep(T part) {
        opened.add(part);
        return part;
    }

    /** Begins to send, straight to Redis. */
    void beginLoad() {
        begin(installation.admissionDoor(), Load.Options.of(8, 10, PER_SECOND));
    }

    /** Begins to send over HTTP. */
    HttpDoor beginLoad(Supplier<URI> api) {
        HttpDoor door = new HttpDoor(api, HttpDoor.createClient(api.get(), Installation.ADMIN_KEY, client));
        opened.add(door);
        begin(door, Load.Options.of(16, 1, PER_SECOND));
        return door;
    }

    private void begin(Door door, Load.Options options) {
        startNanos = System.nanoTime();
        noting = Thread.ofPlatform().name("notes").start(this::note);
        load = Load.start(new Workload(client, PLAYERS, seed).events((int) (PER_SECOND * length.plus(OVERTIME).toSeconds())), door, journal,
                options);
    }

    /** Outside work beside the scores, from a random source of its own: how much there is depends on the time that the faults take. */
    private void note() {
        SplittableRandom dice = new SplittableRandom(seed);
        for (int i = 0; !finished; i++) {
            int lane = i % NOTED_LANES;
            notes.post("lane" + lane, "lane" + lane + "-" + i / NOTED_LANES,
                    dice.nextInt(10) == 0 ? NotingHandler.FAILS_AT_FIRST : NotingHandler.WORKS);
            LockSupport.parkNanos(NOTE_EVERY.toNanos());
        }
    }

    /** Whether other code runs than the real one, of which less is expected. */
    boolean isMutant() {
        return !otherCode.isEmpty();
    }

    private List<Path> otherCode() {
        List<Path> all = new ArrayList<>(otherCode);
        all.add(notes.services());
        return all;
    }

    /** How many faults fit into the load, each with time to recover from it. */
    int hits() {
        return (int) Math.max(1, length.toSeconds() / 5);
    }

    /**
     * As many moments, by chance but spread over the load, each waited for when it is asked for, and until what came before it has recovered:
     * otherwise one recovery could not be told from the next.
     */
    Iterable<Duration> moments(int count) {
        long span = length.minus(MARGIN.multipliedBy(2)).toMillis();
        List<Duration> moments = IntStream.range(0, count)
                .mapToObj(i -> MARGIN.plusMillis(span * i / count + random.nextLong(span / count))).toList();
        return () -> moments.stream().peek(this::awaitMoment).iterator();
    }

    /** A length of time by chance. */
    Duration between(Duration least, Duration most) {
        return least.plusMillis(random.nextLong(most.minus(least).toMillis()));
    }

    <T> T oneOf(List<T> items) {
        return items.get(random.nextInt(items.size()));
    }

    private void awaitMoment(Duration moment) {
        Awaitility.await("recovered").atMost(PATIENCE).until(recovery::isOver);
        pass(moment.minusNanos(System.nanoTime() - startNanos));
    }

    /** Lets time pass: how long a fault lasts is a fact that nothing but time can tell. */
    void pass(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        Awaitility.await().atMost(PATIENCE.plus(time)).pollInterval(Duration.ofMillis(5)).until(() -> System.nanoTime() - end >= 0);
    }

    /** Acts when a member comes to a step, and returns after that. */
    void at(Member member, Point point, Step step, Words words, Runnable action) {
        CountDownLatch done = new CountDownLatch(1);
        member.way(step).once(point, step.words(otherCode()), words, () -> {
            action.run();
            done.countDown();
        });
        await(done, member.process() + " never came to " + step);
    }

    /**
     * Stops a member (SIGSTOP) when it comes to a step, and returns then. What is on its way at that moment comes late.
     *
     * @return what wakes it up
     */
    Runnable stopAt(Member member, Point point, Step step) {
        CountDownLatch stopped = new CountDownLatch(1);
        CountDownLatch awake = new CountDownLatch(1);
        member.way(step).once(point, step.words(otherCode()), Words.GO_ON, () -> {
            member.process().pause();
            recovery.from();
            stopped.countDown();
            await(awake, member + " is not woken up");
        });
        await(stopped, member.process() + " never came to " + step);
        return () -> {
            awake.countDown();
            member.process().resume();
        };
    }

    private static void await(CountDownLatch fact, String otherwise) {
        try {
            if (!fact.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError(otherwise);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** From the first event on. */
    Duration sinceBegin() {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    /** Something else than the promises that must be true in the end; looked at only where all promises were kept. */
    void expect(Runnable fact) {
        expected.add(fact);
    }

    /** Fails unless all of that is true. */
    void assertExpected() {
        expected.forEach(Runnable::run);
    }

    Journal journal() {
        return journal;
    }

    /** Ends the load now, for a fault after which nothing is to come. */
    void endLoad() {
        if (load == null) {
            throw new IllegalStateException("no load was begun");
        }
        load.finish();
        load.await(PATIENCE);
        endNotes();
    }

    /** Ends the load when its time is over, waits until everything is drained, and checks. */
    Verdict verdict(Duration drainedWithin) throws SQLException {
        if (!finished) {
            pass(length.minusNanos(System.nanoTime() - startNanos));
            pass(MARGIN);
            endLoad();
        }
        Verdict verdict = installation.check(client, journal, drainedWithin);
        List<Violation> violations = new ArrayList<>(verdict.violations());
        violations.addAll(notes.violations(drainedWithin));
        return new Verdict(violations, verdict.drainedIn());
    }

    private void endNotes() {
        finished = true;
        if (noting != null) {
            try {
                noting.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() throws Exception {
        if (load != null) {
            load.close();
        }
        endNotes();
        recovery.close();
        installation.close();
        for (AutoCloseable one : opened.reversed()) {
            one.close();
        }
    }
}
