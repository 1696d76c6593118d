package dev.millrace.schema.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import dev.millrace.schema.settings.Policy.AfterDead;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a deployment says of the tries of its event types, in place of what their handlers say: a file with an object for each type, such as
 *
 * <pre>
 * "job.email" { tries = 5, deadline = 10s, concurrency = 8, backoff = 500ms, backoff-max = 1m, crashes = 2,
 *               after-dead = block, fatal = ["com.example.NoSuchMailbox"] }
 * </pre>
 */
public final class Policies {
    private static final Set<String> KEYS = Set.of("tries", "crashes", "deadline", "concurrency", "backoff", "backoff-max", "after-dead",
            "fatal");

    private final Map<String, Config> byType;

    private Policies(Map<String, Config> byType) {
        this.byType = byType;
    }

    /** Nothing is said: all is as the handlers have it. */
    public static Policies none() {
        return new Policies(Map.of());
    }

    /**
     * Reads a file.
     *
     * @throws SettingsException if it can't be read, or says something else than it may
     */
    static Policies read(Path file) {
        if (!Files.isReadable(file)) {
            throw new SettingsException("MILLRACE_POLICIES names " + file + ", which can't be read");
        }
        Map<String, Config> byType = new HashMap<>();
        try {
            for (Map.Entry<String, ConfigValue> entry : ConfigFactory.parseFile(file.toFile()).resolve().root().entrySet()) {
                if (!(entry.getValue() instanceof ConfigObject policy)) {
                    throw wrong(entry.getKey(), "it takes an object; names with dots need quotes");
                }
                for (String key : policy.keySet()) {
                    if (!KEYS.contains(key)) {
                        throw wrong(entry.getKey(), "unknown key '" + key + "'; names with dots need quotes");
                    }
                }
                byType.put(entry.getKey(), policy.toConfig());
            }
        } catch (ConfigException e) {
            throw new SettingsException("MILLRACE_POLICIES (" + file + "): " + e.getMessage());
        }
        Policies policies = new Policies(byType);
        byType.keySet().forEach(type -> policies.of(type, Policy.DEFAULT));
        return policies;
    }

    /** What is said of a type, and for the rest what its handler says. */
    public Policy of(String type, Policy byHandler) {
        Config said = byType.get(type);
        if (said == null) {
            return byHandler;
        }
        try {
            return new Policy(said.hasPath("tries") ? said.getInt("tries") : byHandler.tries(),
                    said.hasPath("crashes") ? said.getInt("crashes") : byHandler.crashes(),
                    said.hasPath("deadline") ? said.getDuration("deadline") : byHandler.deadline(),
                    said.hasPath("concurrency") ? said.getInt("concurrency") : byHandler.concurrency(),
                    said.hasPath("backoff") ? said.getDuration("backoff") : byHandler.backoff(),
                    said.hasPath("backoff-max") ? said.getDuration("backoff-max") : byHandler.backoffMax(),
                    said.hasPath("after-dead") ? afterDead(type, said.getString("after-dead")) : byHandler.afterDead(),
                    said.hasPath("fatal") ? said.getStringList("fatal") : byHandler.fatal());
        } catch (ConfigException e) {
            throw wrong(type, String.valueOf(e.getMessage()));
        } catch (SettingsException e) {
            throw wrong(type, String.valueOf(e.getMessage()));
        }
    }

    private static AfterDead afterDead(String type, String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "continue" -> AfterDead.CONTINUE;
            case "block" -> AfterDead.BLOCK;
            default -> throw wrong(type, "after-dead is '" + word + "'; it takes continue or block");
        };
    }

    private static SettingsException wrong(String type, String what) {
        return what.startsWith("MILLRACE_POLICIES") ? new SettingsException(what)
                : new SettingsException("MILLRACE_POLICIES, " + type + ": " + what);
    }
}
