package dev.millrace.ops.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schema.settings.Setting;
import dev.millrace.schema.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** What docker-compose.yml says must fit what the roles understand. */
final class ComposeFileTest {
    private static final Path FILE = Path.of("..", "docker-compose.yml");
    private static final String FILE_SUFFIX = "_FILE";

    private final Map<String, Map<?, ?>> services = services();

    @Test
    void everyRoleIsThereUnderItsOwnName() {
        assertThat(roles().keySet()).containsExactlyInAnyOrder("ingest-api", "processor", "persister");
        roles().forEach((name, service) -> assertThat(service.get("command")).as(name).isEqualTo(List.of(name)));
    }

    @Test
    void everyVariableOfARoleIsASetting() {
        Set<String> known = Arrays.stream(Setting.values()).map(Setting::variable).collect(Collectors.toSet());
        roles().forEach((name, service) -> assertThat(variables(service)).as(name).isNotEmpty()
                .allSatisfy(variable -> assertThat(known).contains(withoutSuffix(variable))));
    }

    @Test
    void everyRoleHasMoreTimeToStopThanItAllowsItself() {
        Duration own = Settings.read(Map.of()).stopTimeout();
        roles().forEach((name, service) -> assertThat(Duration.parse("PT" + service.get("stop_grace_period"))).as(name)
                .isGreaterThan(own.plusSeconds(10)));
    }

    @Test
    void everyContainerIsHardened() {
        assertThat(services).isNotEmpty().allSatisfy((name, service) -> {
            assertThat(service.get("cap_drop")).isEqualTo(List.of("ALL"));
            assertThat(service.get("security_opt")).isEqualTo(List.of("no-new-privileges:true"));
            assertThat(service.get("read_only")).isEqualTo(true);
            assertThat(service.get("mem_limit")).isNotNull();
            assertThat(service.get("pids_limit")).isNotNull();
        });
    }

    /** Nor need it be: what would be unpacked there comes with the image. */
    @Test
    void nothingThatIsWrittenCanBeRun() throws IOException {
        assertThat(services).allSatisfy((name, service) -> {
            if (service.get("tmpfs") instanceof List<?> folders) {
                assertThat(folders).noneMatch(folder -> String.valueOf(folder).matches(".*[:,]exec\\b.*"));
            }
        });
        assertThat(Files.readString(Path.of("docker", "Dockerfile"))).contains("COPY ops/target/app/native /opt/millrace/native\n");
    }

    @Test
    void onlyNginxIsPublished() {
        assertThat(services.entrySet().stream().filter(service -> service.getValue().containsKey("ports")).map(Map.Entry::getKey))
                .containsExactly("nginx");
    }

    @Test
    void onlyIngestApiSeesTheSecretsOfTheDoor() {
        assertThat(services.entrySet().stream().filter(service -> String.valueOf(service.getValue().get("volumes")).contains("api-secrets"))
                .map(Map.Entry::getKey)).containsExactlyInAnyOrder("secrets", "ingest-api");
    }

    private Map<String, Map<?, ?>> roles() {
        Map<String, Map<?, ?>> roles = new TreeMap<>(services);
        roles.values()
                .removeIf(service -> !String.valueOf(service.get("image")).contains("MILLRACE_IMAGE") || service.containsKey("entrypoint"));
        return roles;
    }

    private static Set<String> variables(Map<?, ?> service) {
        return service.get("environment") instanceof Map<?, ?> given
                ? given.keySet().stream().map(String::valueOf).collect(Collectors.toSet())
                : Set.of();
    }

    private static String withoutSuffix(String variable) {
        return variable.endsWith(FILE_SUFFIX) ? variable.substring(0, variable.length() - FILE_SUFFIX.length()) : variable;
    }

    private static Map<String, Map<?, ?>> services() {
        Map<String, Map<?, ?>> services = new TreeMap<>();
        if (new Load(LoadSettings.builder().setSchema(new CoreSchema()).build()).loadFromString(text()) instanceof Map<?, ?> file
                && file.get("services") instanceof Map<?, ?> found) {
            found.forEach((name, service) -> services.put(String.valueOf(name), (Map<?, ?>) service));
        }
        return services;
    }

    private static String text() {
        try {
            return Files.readString(FILE);
        } catch (IOException e) {
            throw new IllegalStateException("can't read " + FILE.toAbsolutePath(), e);
        }
    }
}
