package dev.millrace.schema.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import dev.millrace.schema.event.Names;
import dev.millrace.schema.event.Partitions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * All settings, read once. Each may be given as {@code NAME} or as {@code NAME_FILE}, a file that holds the value. A {@code MILLRACE_*}
 * name that is not a setting stops the start, because a misspelt setting that is silently ignored is found too late.
 */
public final class Settings {
    private static final String OURS = "MILLRACE_";
    private static final String FILE = "_FILE";
    /** What Kubernetes puts into the environment for services whose name starts with millrace. */
    private static final Pattern KUBERNETES = Pattern
            .compile("MILLRACE(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");
    private static final Pattern KUBERNETES_PORT = Pattern.compile("MILLRACE(_[A-Z0-9_]+)?_PORT");

    private final Config values;

    private Settings(Config values) {
        this.values = values;
    }

    /**
     * Reads the environment.
     *
     * @throws SettingsException if a name is unknown, a value does not read or a file can't be read
     */
    public static Settings read(Map<String, String> environment) {
        Map<String, Object> given = new TreeMap<>();
        for (Setting setting : Setting.values()) {
            setting.byDefault().ifPresent(value -> given.put(setting.variable(), value));
            given(setting, environment).ifPresent(value -> given.put(setting.variable(), value));
        }
        List<String> unknown = environment.entrySet().stream().filter(entry -> isUnknown(entry.getKey(), entry.getValue()))
                .map(Map.Entry::getKey)
                .sorted().toList();
        if (!unknown.isEmpty()) {
            throw new SettingsException("unknown setting " + String.join(", ", unknown) + "; see the table of settings in README.md");
        }
        Settings settings = new Settings(ConfigFactory.parseMap(given));
        settings.checkAll();
        return settings;
    }

    private static Optional<String> given(Setting setting, Map<String, String> environment) {
        String value = environment.get(setting.variable());
        String file = environment.get(setting.variable() + FILE);
        if (file == null || file.isEmpty()) {
            return Optional.ofNullable(value).filter(text -> !text.isEmpty());
        }
        if (value != null && !value.isEmpty()) {
            throw new SettingsException("both " + setting.variable() + " and " + setting.variable() + FILE + " are set; keep one");
        }
        try {
            return Optional.of(Files.readString(Path.of(file)).strip());
        } catch (IOException | IllegalArgumentException e) {
            throw new SettingsException(setting.variable() + FILE + " names " + file + ", which can't be read");
        }
    }

    private static boolean isUnknown(String name, String value) {
        if (!name.startsWith(OURS) || Setting.named(name).isPresent() || KUBERNETES.matcher(name).matches()
                || (KUBERNETES_PORT.matcher(name).matches() && value.contains("://"))) {
            return false;
        }
        return !name.endsWith(FILE) || Setting.named(name.substring(0, name.length() - FILE.length())).isEmpty();
    }

    private void checkAll() {
        for (Setting setting : Setting.values()) {
            if (!values.hasPath(setting.variable())) {
                continue;
            }
            switch (setting.kind()) {
                case PORT -> port(setting);
                case COUNT -> count(setting);
                case DURATION -> duration(setting);
                case BYTES -> bytes(setting);
                default -> text(setting);
            }
        }
        engine();
        admission();
        bulk();
        streams();
        durability();
        oneOf(Setting.APPEND_FSYNC, List.of("always", "everysec"));
        oneOf(Setting.LIMIT_HEADERS, List.of("standard", "both"));
        trustedProxies();
        origins();
        oneOf(Setting.LOG_FORMAT, List.of("text", "json"));
        oneOf(Setting.LOG_LEVEL, List.of("error", "warn", "info", "debug"));
        namespace();
        partitions();
    }

    /** Where Redis is; REDIS_URL is required. */
    public RedisSettings redis() {
        return new RedisSettings(required(Setting.REDIS_URL), namespace(), duration(Setting.REDIS_TIMEOUT));
    }

    /** Where Postgres is; DATABASE_URL is required. */
    public DatabaseSettings database() {
        return DatabaseSettings.of(required(Setting.DATABASE_URL), count(Setting.DATABASE_POOL));
    }

    /** Whether DATABASE_URL is given. */
    public boolean hasDatabase() {
        return values.hasPath(Setting.DATABASE_URL.variable());
    }

    /** Who may come in; the admin key and the pepper are required. */
    public DoorSettings door() {
        return new DoorSettings(port(Setting.PORT), required(Setting.ADMIN_KEY), required(Setting.KEY_PEPPER), text(Setting.ENVIRONMENT),
                duration(Setting.KEY_GRACE), count(Setting.CONNECTIONS_MAX), origins());
    }

    private Set<String> origins() {
        return DoorSettings.origins(value(Setting.CORS_ORIGINS).orElse(""));
    }

    /** How users prove who they are; a provider's audience is required where there is a provider. */
    public UserSettings users() {
        return new UserSettings(value(Setting.JWT_SECRET).map(TokenKey::list).orElse(List.of()), duration(Setting.JWT_TTL),
                duration(Setting.SESSION_IDLE), duration(Setting.SESSION_MAX), provider());
    }

    private @Nullable ProviderSettings provider() {
        return value(Setting.OIDC_ISSUER)
                .map(issuer -> ProviderSettings.of(issuer, required(Setting.OIDC_AUDIENCE), text(Setting.OIDC_CLIENT_CLAIM)))
                .orElse(null);
    }

    public AdmissionSettings admission() {
        return new AdmissionSettings(count(Setting.QUEUE_MAX), count(Setting.LANE_MAX), count(Setting.CLIENT_MAX),
                count(Setting.SCHEDULED_MAX), duration(Setting.RUN_AT_MAX), duration(Setting.DEDUPE_WINDOW), count(Setting.DEDUPE_MAX),
                bytes(Setting.EVENT_MAX));
    }

    /** Who must have an event before it is accepted. */
    public Durability durability() {
        return Durability.of(text(Setting.DURABILITY));
    }

    /** How much one request may bring. */
    public BulkSettings bulk() {
        return new BulkSettings(count(Setting.BULK_ITEMS), bytes(Setting.BULK_MAX), bytes(Setting.NDJSON_MAX));
    }

    /** How boards may be watched. */
    public StreamSettings streams() {
        return new StreamSettings(duration(Setting.STREAM_EVERY), count(Setting.STREAMS_MAX), count(Setting.CLIENT_STREAMS_MAX));
    }

    public EngineSettings engine() {
        return new EngineSettings(duration(Setting.LEASE_TTL), count(Setting.BATCH_MAX), count(Setting.UNPERSISTED_MAX),
                count(Setting.DEAD_MAX));
    }

    /**
     * How events of a type are tried, as the deployment's file has it.
     *
     * @throws SettingsException if the file can't be read, or says something else than it may
     */
    public Policies policies() {
        return value(Setting.POLICIES).map(file -> Policies.read(Path.of(file))).orElseGet(Policies::none);
    }

    /**
     * How requests are limited.
     *
     * @throws SettingsException if the file can't be read, or says something else than it may
     */
    public LimitSettings limits() {
        return new LimitSettings(value(Setting.LIMITS).map(file -> Limits.read(Path.of(file))).orElseGet(Limits::byDefault),
                trustedProxies(), text(Setting.LIMIT_HEADERS).equals("both"));
    }

    private List<AddressRange> trustedProxies() {
        List<AddressRange> ranges = new ArrayList<>();
        for (String range : value(Setting.TRUSTED_PROXIES).orElse("").split(",", -1)) {
            try {
                if (!range.isBlank()) {
                    ranges.add(AddressRange.parse(range.strip()));
                }
            } catch (IllegalArgumentException e) {
                throw new SettingsException("MILLRACE_TRUSTED_PROXIES: '" + range.strip() + "' is no address and no CIDR range");
            }
        }
        return ranges;
    }

    public PersisterSettings persister() {
        return new PersisterSettings(count(Setting.PERSIST_BATCH), count(Setting.HISTORY_DAYS));
    }

    public Partitions partitions() {
        int count = count(Setting.PARTITIONS);
        if (count > Partitions.MAX_COUNT) {
            throw new SettingsException("MILLRACE_PARTITIONS must be at most " + Partitions.MAX_COUNT);
        }
        return new Partitions(count);
    }

    public int managementPort() {
        return port(Setting.MANAGEMENT_PORT);
    }

    public Path data() {
        return Path.of(text(Setting.DATA));
    }

    /** Where the JSON Schemas of the deployment's own event types lie. */
    public Optional<Path> types() {
        return value(Setting.TYPES).map(Path::of);
    }

    public Duration stopTimeout() {
        return duration(Setting.STOP_TIMEOUT);
    }

    public String appendFsync() {
        return text(Setting.APPEND_FSYNC);
    }

    public String logFormat() {
        return text(Setting.LOG_FORMAT);
    }

    public String logLevel() {
        return text(Setting.LOG_LEVEL);
    }

    /** These settings with some values in place of the given or default ones, as {@code up} does for what it starts itself. */
    public Settings with(Map<Setting, String> others) {
        Map<String, Object> changed = new TreeMap<>();
        others.forEach((setting, value) -> changed.put(setting.variable(), value));
        return new Settings(ConfigFactory.parseMap(changed).withFallback(values));
    }

    /** The value as given or by default. */
    public Optional<String> value(Setting setting) {
        return values.hasPath(setting.variable()) ? Optional.of(text(setting)) : Optional.empty();
    }

    private String namespace() {
        String name = text(Setting.NAMESPACE);
        if (!Names.valid(name)) {
            throw new SettingsException("MILLRACE_NAMESPACE must match " + Names.PATTERN);
        }
        return name;
    }

    private void oneOf(Setting setting, List<String> words) {
        if (!words.contains(text(setting))) {
            throw new SettingsException(setting.variable() + " is '" + text(setting) + "'; it takes " + String.join(", ", words));
        }
    }

    private String required(Setting setting) {
        if (!values.hasPath(setting.variable())) {
            throw new SettingsException(setting.variable() + " is not set; it takes " + setting.description().replace("`", ""));
        }
        return text(setting);
    }

    private String text(Setting setting) {
        return values.getString(setting.variable());
    }

    private int port(Setting setting) {
        int port = number(setting);
        if (port < 0 || port > 65_535) {
            throw wrong(setting);
        }
        return port;
    }

    private int count(Setting setting) {
        int count = number(setting);
        if (count < 1) {
            throw wrong(setting);
        }
        return count;
    }

    private int number(Setting setting) {
        try {
            return Integer.parseInt(text(setting));
        } catch (NumberFormatException e) {
            throw wrong(setting);
        }
    }

    private Duration duration(Setting setting) {
        try {
            Duration duration = values.getDuration(setting.variable());
            if (duration.isPositive()) {
                return duration;
            }
        } catch (ConfigException e) {
            throw wrong(setting);
        }
        throw wrong(setting);
    }

    private int bytes(Setting setting) {
        try {
            return Math.toIntExact(values.getBytes(setting.variable()));
        } catch (ConfigException | ArithmeticException e) {
            throw wrong(setting);
        }
    }

    private SettingsException wrong(Setting setting) {
        List<String> words = new ArrayList<>(List.of(setting.variable()));
        if (setting.kind() != Setting.Kind.SECRET) {
            words.add("is '" + text(setting) + "';");
        }
        words.add("it takes " + setting.kind().words());
        return new SettingsException(String.join(" ", words));
    }
}
