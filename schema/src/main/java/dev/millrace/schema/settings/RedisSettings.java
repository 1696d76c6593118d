package dev.millrace.schema.settings;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where Redis is.
 *
 * @param url with its password: one server, the Sentinels of a master, or nodes of a Cluster with commas between them
 * @param timeout after which the API gives up on one answer
 */
public record RedisSettings(String url, String namespace, Duration timeout) {
    private static final String SENTINEL = "redis-sentinel";
    private static final String MASTER_PARAMETER = "sentinelmasterid=";
    private static final Pattern HOSTS = Pattern.compile("[A-Za-z0-9.-]+(:[0-9]{1,5})?(,[A-Za-z0-9.-]+(:[0-9]{1,5})?)*");

    /** What stands behind an address. */
    public enum Topology {
        /** One server. */
        SINGLE,
        /** A master that Sentinels watch over and replace. */
        SENTINEL,
        /** Several masters that share the keys. */
        CLUSTER
    }

    public RedisSettings {
        if (!url.matches("(redis|rediss|redis-sentinel)://.+")) {
            throw new SettingsException("REDIS_URL must start with redis://, rediss:// or redis-sentinel://");
        }
        List<URI> uris = split(url).stream().map(RedisSettings::checked).toList();
        if (uris.size() > 1) {
            checkAlike(uris);
        }
        if (timeout.toMillis() < 50 || timeout.toMillis() > 10_000) {
            throw new SettingsException("MILLRACE_REDIS_TIMEOUT must be between 50ms and 10s");
        }
    }

    public Topology topology() {
        if (url.startsWith(SENTINEL)) {
            return Topology.SENTINEL;
        }
        return urls().size() > 1 ? Topology.CLUSTER : Topology.SINGLE;
    }

    /** The addresses of a list, or the one that there is. */
    public List<String> urls() {
        return split(url);
    }

    private static List<String> split(String url) {
        if (url.startsWith(SENTINEL)) {
            return List.of(url);
        }
        List<String> urls = new ArrayList<>();
        for (String one : url.split(",", -1)) {
            urls.add(one.strip());
        }
        return List.copyOf(urls);
    }

    /** Refuses here what the driver would refuse with a message that holds the password, or would take for an odd host name. */
    private static URI checked(String url) {
        URI uri;
        try {
            uri = URI.create(url);
        } catch (IllegalArgumentException e) {
            throw noAddress();
        }
        boolean sentinel = SENTINEL.equals(uri.getScheme());
        boolean server = "redis".equals(uri.getScheme()) || "rediss".equals(uri.getScheme());
        boolean hosts = sentinel ? HOSTS.matcher(hosts(uri)).matches() : uri.getHost() != null;
        if ((!sentinel && !server) || !hosts || !uri.getPath().matches("/?|/[0-9]{1,5}") || (!sentinel && uri.getFragment() != null)) {
            throw noAddress();
        }
        boolean named = (uri.getFragment() != null && !uri.getFragment().isEmpty())
                || (uri.getQuery() != null && uri.getQuery().toLowerCase(Locale.ROOT).contains(MASTER_PARAMETER));
        if (sentinel && !named) {
            throw new SettingsException("REDIS_URL of a sentinel must name the master: redis-sentinel://host:26379/0#master");
        }
        return uri;
    }

    /** The nodes of a Cluster find each other, so what is said of the first goes for all. */
    private static void checkAlike(List<URI> nodes) {
        URI first = nodes.getFirst();
        for (URI node : nodes) {
            if (!Objects.equals(node.getScheme(), first.getScheme())
                    || !Objects.equals(node.getRawUserInfo(), first.getRawUserInfo())) {
                throw new SettingsException(
                        "REDIS_URL lists the nodes of a Redis Cluster, whose scheme, user and password must be the same");
            }
            if (!node.getPath().matches("/?|/0")) {
                throw new SettingsException("REDIS_URL lists the nodes of a Redis Cluster, which has no database but 0");
            }
        }
    }

    private static SettingsException noAddress() {
        return new SettingsException(
                "REDIS_URL is no valid address such as redis://user:password@host:6379/0; characters such as @, /, # and commas"
                        + " in the password must be percent-encoded, and a host name has no underscore");
    }

    /** The address without its password, for messages. */
    public String display() {
        return split(url).stream().map(URI::create).map(uri -> uri.getScheme() + "://" + hosts(uri)).collect(Collectors.joining(","));
    }

    private static String hosts(URI uri) {
        String authority = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
        return authority.substring(authority.lastIndexOf('@') + 1);
    }

    @Override
    public String toString() {
        return "RedisSettings[" + display() + ", namespace " + namespace + ']';
    }
}
