package dev.millrace.schema.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import dev.millrace.schema.event.Names;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.settings.LimitRule.Algorithm;
import dev.millrace.schema.settings.LimitRule.Scope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * How many requests may come, and which clients come first when there is not room for all. A deployment may say so in a file such as
 *
 * <pre>
 * tiers { free = low, gold = high }
 * rules {
 *   address { scope = ip, algorithm = fixed-window, quota = 600, window = 1m }
 *   free    { scope = client, algorithm = token-bucket, quota = 100, window = 1s, burst = 200, tiers = [free] }
 *   posts   { scope = user, algorithm = sliding-window, quota = 30, window = 10s, routes = [post-score] }
 * }
 * </pre>
 *
 * @param tiers priorities of the tiers that are named; {@code low}, {@code normal} and {@code high} need not be
 * @param rules all of which a request has to pass, in the order of their names
 */
public record Limits(Map<String, Priority> tiers, List<LimitRule> rules) {
    private static final String VARIABLE = "MILLRACE_LIMITS";
    private static final int RULES_MAX = 32;
    private static final Set<String> KEYS = Set.of("scope", "algorithm", "quota", "window", "burst", "tiers", "priority", "routes");
    /** More than one client can do to one process, so that nobody meets it by mistake; less than many processes can do. */
    private static final LimitRule CLIENT = new LimitRule("default", Scope.CLIENT, Algorithm.TOKEN_BUCKET, 50_000, Duration.ofSeconds(1),
            100_000, Set.of(), null, Set.of());

    public Limits {
        tiers = Map.copyOf(tiers);
        rules = List.copyOf(rules);
    }

    /** Where nothing is said: one rule for each client. */
    public static Limits byDefault() {
        return new Limits(Map.of(), List.of(CLIENT));
    }

    /** How clients of a tier stand to others when there is not room for all. */
    public Priority priorityOf(String tier) {
        Priority named = tiers.get(tier);
        return named == null ? Priority.ofWord(tier).orElse(Priority.NORMAL) : named;
    }

    /**
     * Fails where a rule is for a route that there is not, or that its scope says nothing of.
     *
     * @param routes all that there are
     * @param withRegion those whose requests name a region where limits can see it
     * @throws SettingsException if so; the message names rule and route, and what there is
     */
    public void requireRoutes(Collection<String> routes, Collection<String> withRegion) {
        for (LimitRule rule : rules) {
            for (String route : rule.routes()) {
                if (!routes.contains(route)) {
                    throw wrong(rule.name() + ": there is no route " + route + "; there are " + String.join(", ", routes));
                }
                if (rule.scope() == Scope.REGION && !withRegion.contains(route)) {
                    throw wrong(rule.name() + ": " + route + " names no region before its limits are checked; scope region is for "
                            + String.join(", ", withRegion));
                }
            }
        }
    }

    /**
     * Reads a file.
     *
     * @throws SettingsException if it can't be read, or says something else than it may; the message is one line
     */
    static Limits read(Path file) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new SettingsException(VARIABLE + " names " + file + ", which can't be read");
        }
        try {
            Config config = ConfigFactory.parseFile(file.toFile()).resolve();
            only(config, Set.of("tiers", "rules"));
            return new Limits(tiers(objectAt(config, "tiers")), rules(objectAt(config, "rules")));
        } catch (ConfigException e) {
            throw wrong(String.valueOf(e.getMessage()));
        } catch (SettingsException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private static Config objectAt(Config config, String key) {
        return config.hasPath(key) ? config.getConfig(key) : ConfigFactory.empty();
    }

    private static Map<String, Priority> tiers(Config config) {
        Map<String, Priority> tiers = new HashMap<>();
        for (String tier : config.root().keySet()) {
            if (!Names.valid(tier)) {
                throw new SettingsException("a tier's name must match " + Names.PATTERN);
            }
            tiers.put(tier, priority(config.getString(ConfigUtil.joinPath(tier))));
        }
        return tiers;
    }

    private static List<LimitRule> rules(Config config) {
        List<LimitRule> rules = new ArrayList<>();
        for (String name : new TreeSet<>(config.root().keySet())) {
            try {
                if (!(config.root().get(name) instanceof ConfigObject rule)) {
                    throw new SettingsException("it takes an object");
                }
                rules.add(rule(name, rule.toConfig()));
            } catch (ConfigException e) {
                throw new SettingsException(name + ": " + e.getMessage());
            } catch (SettingsException e) {
                throw new SettingsException(name + ": " + e.getMessage());
            }
        }
        if (rules.size() > RULES_MAX) {
            throw new SettingsException("there may be at most " + RULES_MAX + " rules");
        }
        return rules;
    }

    private static LimitRule rule(String name, Config said) {
        only(said, KEYS);
        Scope scope = Scope.ofWord(said.getString("scope"))
                .orElseThrow(() -> new SettingsException("scope takes ip, client, user, route or region"));
        Algorithm algorithm = Algorithm.ofWord(said.getString("algorithm"))
                .orElseThrow(() -> new SettingsException("algorithm takes fixed-window, sliding-window or token-bucket"));
        long quota = said.getLong("quota");
        return new LimitRule(name, scope, algorithm, quota, said.getDuration("window"),
                said.hasPath("burst") ? said.getLong("burst") : quota, names(said, "tiers"),
                said.hasPath("priority") ? priority(said.getString("priority")) : null, names(said, "routes"));
    }

    private static void only(Config said, Set<String> keys) {
        for (String key : said.root().keySet()) {
            if (!keys.contains(key)) {
                throw new SettingsException("unknown key '" + key + "'");
            }
        }
    }

    private static Set<String> names(Config said, String key) {
        return said.hasPath(key) ? Set.copyOf(said.getStringList(key)) : Set.of();
    }

    private static Priority priority(String word) {
        return Priority.ofWord(word).orElseThrow(() -> new SettingsException("a priority is low, normal or high"));
    }

    private static SettingsException wrong(String what) {
        return new SettingsException(VARIABLE + ": " + what.replaceAll("\\s+", " "));
    }
}
