import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.jooq.codegen.GenerationTool;
import org.jooq.meta.jaxb.Configuration;
import org.jooq.meta.jaxb.Database;
import org.jooq.meta.jaxb.ForcedType;
import org.jooq.meta.jaxb.Generate;
import org.jooq.meta.jaxb.Generator;
import org.jooq.meta.jaxb.Jdbc;
import org.jooq.meta.jaxb.Logging;
import org.jooq.meta.jaxb.Target;

/**
 * Writes the jOOQ classes of our tables: starts a Postgres, lets Flyway migrate it, and generates from what is there, so that the classes can't
 * differ from the migrations.
 *
 * <p>Arguments: the folder of migrations; the folder of sources to write; a folder to work in; the fingerprint of what the classes are made
 * from, which is kept in that folder's file {@code fingerprint} once they are written.
 */
class GenerateTables {

    private static final String PACKAGE = "dev.millrace.schema.jooq";

    /** The daily partitions have the shape of their table, and Flyway's own table is none of ours. */
    private static final String NOT_OURS = ".*_p\\d{8}|.*_default|flyway_.*";

    public static void main(String[] args) throws Exception {
        Path migrations = Path.of(args[0]);
        Path sources = Path.of(args[1]);
        Path work = Path.of(args[2]);
        String fingerprint = args[3];

        Path written = work.resolve("fingerprint");
        Files.deleteIfExists(written);
        deleteTree(sources);
        try (EmbeddedPostgres postgres = startPostgres(work)) {
            Flyway.configure()
                    .loggers("slf4j")
                    .dataSource(postgres.getPostgresDatabase())
                    .locations("filesystem:" + migrations)
                    .load()
                    .migrate();
            GenerationTool.generate(configuration(postgres.getJdbcUrl("postgres", "postgres"), sources));
        }
        Files.writeString(written, fingerprint);
    }

    private static EmbeddedPostgres startPostgres(Path work) throws Exception {
        // Not the shared temporary folder, which may hold files of another user's build.
        return EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(work.resolve("postgres").toFile())
                .setDataDirectory(work.resolve("data"))
                .setCleanDataDirectory(true)
                .start();
    }

    private static Configuration configuration(String url, Path sources) {
        Database database = new Database()
                .withInputSchema("public")
                .withOutputSchemaToDefault(true)
                .withExcludes(NOT_OURS)
                .withForcedTypes(List.of(new ForcedType().withName("INSTANT").withIncludeTypes("timestamp(tz| with time zone).*")));
        Generate generate = new Generate()
                .withGeneratedAnnotation(true)
                .withGeneratedAnnotationDate(false)
                .withGeneratedSerialVersionUID(null)
                .withGlobalCatalogReferences(false)
                .withJavadoc(true);
        return new Configuration()
                .withLogging(Logging.WARN)
                .withJdbc(new Jdbc().withDriver("org.postgresql.Driver").withUrl(url))
                .withGenerator(new Generator()
                        .withDatabase(database)
                        .withGenerate(generate)
                        .withTarget(new Target().withPackageName(PACKAGE).withDirectory(sources.toString())));
    }

    private static void deleteTree(Path folder) throws Exception {
        if (!Files.exists(folder)) {
            return;
        }
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
