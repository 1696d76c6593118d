package dev.millrace.ingest.http;

import dev.millrace.ingest.admission.Admission;
import dev.millrace.ingest.admission.EventReader;
import dev.millrace.ingest.auth.ApiKeys;
import dev.millrace.ingest.auth.Authentication;
import dev.millrace.ingest.auth.Clients;
import dev.millrace.ingest.control.BulkRedrive;
import dev.millrace.ingest.control.Cancellation;
import dev.millrace.ingest.control.DeadLetterAudit;
import dev.millrace.ingest.control.Discard;
import dev.millrace.ingest.control.LanePauses;
import dev.millrace.ingest.control.Redrive;
import dev.millrace.ingest.json.JsonItems;
import dev.millrace.ingest.json.StrictJson;
import dev.millrace.ingest.limit.ClientAddress;
import dev.millrace.ingest.limit.Limiter;
import dev.millrace.ingest.limit.Refusals;
import dev.millrace.ingest.limit.Tiers;
import dev.millrace.ingest.limit.Traffic;
import dev.millrace.ingest.limit.Usages;
import dev.millrace.ingest.read.AuditTrail;
import dev.millrace.ingest.read.BoardStreams;
import dev.millrace.ingest.read.Boards;
import dev.millrace.ingest.read.DeadLetters;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ingest.read.EventStatuses;
import dev.millrace.ingest.read.Lanes;
import dev.millrace.ingest.read.PartitionStatuses;
import dev.millrace.ingest.read.Places;
import dev.millrace.ingest.read.RedisRankings;
import dev.millrace.schema.board.Rankings;
import dev.millrace.schema.event.EventTypes;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisHome;
import dev.millrace.schema.service.Health;
import dev.millrace.schema.settings.BulkSettings;
import dev.millrace.schema.settings.LimitSettings;
import dev.millrace.schema.settings.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The API of one process, wired and listening. */
public final class Api {
    /** What a body may hold around the largest event: field names, type, id. */
    private static final int ENVELOPE_BYTES = 1 << 10;

    private final ApiServer server;
    private final Traffic traffic;
    private final BoardStreams streams;

    /**
     * Wires it; {@link #start} begins to listen.
     *
     * @param history the books, for events that have ended
     * @param rankings the books, for boards while Redis is away; null where there are none
     * @param memory how full Redis's memory is, 1 is full; not a number where that is not known
     * @param health of the service that this API belongs to
     */
    public Api(Settings settings, RedisHome home, EventHistory history, @Nullable Rankings rankings, DoubleSupplier memory,
            Supplier<Health> health, MeterRegistry metrics) {
        Redis redis = home.redis();
        Namespace namespace = home.namespace();
        InstantSource clock = InstantSource.system();
        int eventMax = settings.admission().eventMaxBytes();
        StrictJson json = new StrictJson(eventMax);
        int bodyMax = eventMax + ENVELOPE_BYTES;
        BulkSettings bulk = settings.bulk();
        int arrayMax = Math.max(bodyMax, bulk.maxBytes());
        RequestBodies bodies = new RequestBodies(bodyMax, arrayMax, BodyRoom.ofHeap(arrayMax));
        Clients allClients = new Clients(redis, namespace.keys(), settings.door());
        KeyAuthenticator byKey = new KeyAuthenticator(new Authentication(redis, namespace.keys(), settings.door()));
        Turnstile turnstile = turnstile(settings.limits(), redis, namespace, metrics);
        UserApi users = new UserApi(settings, redis, namespace.keys(), allClients, byKey, turnstile, bodies, json, metrics, clock);
        Door door = new Door(List.of(byKey, users.authenticator()));
        Usages usages = new Usages(redis, namespace.keys());
        Refusals refusals = new Refusals(redis, namespace.keys());
        this.traffic = new Traffic(usages, refusals, clock);
        Visits visits = new Visits(traffic, turnstile);
        Admission admission = new Admission(redis, namespace, settings.admission(), settings.durability(), metrics, clock, memory);
        Places places = new Places(redis, namespace.keys());
        EventStatuses statuses = new EventStatuses(places, namespace.eventIds(), history);
        Cancellation cancellation = new Cancellation(redis, namespace, places, statuses,
                new Cancellation.Bounds(settings.admission().scheduledMax(), settings.engine().unpersistedMax()), settings.durability(),
                clock);
        Map<String, String> types = EventTypes.with(settings.types().orElse(null));
        EventReader reader = new EventReader(types, settings.admission(), clock);
        PostingRoutes posting = new PostingRoutes(bodies, bulk.maxStreamBytes(), json, new JsonItems(bulk.maxBytes(), bulk.maxItems()),
                reader, admission, new BulkPosting(json, admission, bodyMax, visits, metrics));
        EventRoutes events = new EventRoutes(statuses, cancellation);
        DeadLetters letters = new DeadLetters(redis, namespace);
        AuditTrail trail = new AuditTrail(redis, namespace);
        DeadLetterAudit audit = new DeadLetterAudit(settings.engine().deadMax());
        Redrive redrive = new Redrive(redis, namespace, settings.admission(), audit, settings.durability());
        DeadLetterRoutes dead = new DeadLetterRoutes(bodies, json, reader, letters, trail, redrive,
                new Discard(redis, namespace, audit, settings.durability()),
                statuses);
        BulkRedriveRoute redriveMany = new BulkRedriveRoute(bodies, json, new BulkRedrive(letters, redrive), letters);
        ClientRoutes clients = new ClientRoutes(bodies, json, allClients);
        KeyRoutes keys = new KeyRoutes(bodies, json, new ApiKeys(redis, namespace.keys(), settings.door()));
        Boards live = new Boards(new RedisRankings(redis, namespace.keys()));
        BoardRoutes boards = new BoardRoutes(live, rankings == null ? null : new Boards(rankings));
        this.streams = new BoardStreams(redis, namespace.keys(), live, BoardStreamRoute::event, settings.streams(), metrics);
        BoardStreamRoute boardStream = new BoardStreamRoute(streams, door);
        LaneRoutes lanes = new LaneRoutes(new Lanes(redis, namespace), new LanePauses(redis, namespace));
        MonitoringRoutes monitoring = new MonitoringRoutes(new PartitionStatuses(redis, namespace), trail, usages, refusals, clock);
        ServiceRoutes service = new ServiceRoutes(health);
        this.server = new ApiServer(settings.door(), door, turnstile, visits,
                List.of(posting.handlers(), events.handlers(), new EventTypeRoutes(types).handlers(), clients.handlers(), keys.handlers(),
                        users.handlers(), boards.handlers(), boardStream.handlers(), lanes.handlers(), dead.handlers(),
                        redriveMany.handlers(), monitoring.handlers(), service.handlers(), new DocsRoutes().handlers()),
                metrics);
    }

    private static Turnstile turnstile(LimitSettings settings, Redis redis, Namespace namespace, MeterRegistry metrics) {
        settings.limits().requireRoutes(Arrays.stream(Operation.values()).filter(Operation::limited).map(Operation::word).toList(),
                Arrays.stream(Operation.values()).filter(operation -> operation.query().contains(Turnstile.REGION)).map(Operation::word)
                        .toList());
        return new Turnstile(new Limiter(redis, namespace.keys(), settings.limits(), metrics),
                new Tiers(redis, namespace.keys(), System::nanoTime), new ClientAddress(settings.trustedProxies()),
                new LimitHeaders(settings.olderHeaders()));
    }

    /**
     * Starts to listen.
     *
     * @throws IllegalStateException if the port is taken; the message says what to change
     */
    public void start() {
        server.start();
        traffic.start();
    }

    /** The port that it listens on. */
    public int port() {
        return server.port();
    }

    /** How many streams of boards are open. */
    public int streams() {
        return streams.open();
    }

    /** Accepts nothing more, ends streams, lets what else is under way finish within the time, then closes. */
    public void stop(Duration within) {
        streams.close();
        try {
            server.stop(within);
        } finally {
            traffic.close();
        }
    }
}
