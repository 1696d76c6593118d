package dev.millrace.ops.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What may use what. The rules are stated for a root package, so that they can be held against our code and, to see that each of them
 * can fail, against code that breaks them all.
 */
final class ArchitectureRules {

    /** Names that say nothing of what a class is for. */
    private static final String EMPTY_NAME = ".*[.$]((Abstract|Base)[A-Z][^.$]*|[^.$]*(Utils?|Utility|Helper|Manager|Impl|Base))";

    private static final Set<
            String> HASHING = Set.of("java.security.MessageDigest", "javax.crypto.Mac", "dev.millrace.ingest.auth.KeyHash");

    private final String root;
    private final Map<String, ArchRule> rules = new LinkedHashMap<>();

    ArchitectureRules(String root) {
        this.root = root;
        modules();
        rooms();
        habits();
    }

    /** The rules, by what they say. */
    Map<String, ArchRule> all() {
        return rules;
    }

    /** Modules depend on each other in one direction only. */
    private void modules() {
        module("schema");
        module("ingest", "schema..");
        module("processor", "schema..");
        module("persister", "schema..", "processor.engine..");
        rules.put("packages have no cycles", slices().matching(root + ".(**)").should().beFreeOfCycles());
    }

    /** Third-party libraries stay in the packages that are there for them. */
    private void rooms() {
        room("Redis", List.of("io.lettuce.."), ".redis..", "processor.engine..");
        room("HTTP", List.of("io.javalin..", "org.eclipse.jetty..", "jakarta.servlet.."), "ingest.http..", "ops.launcher.management..",
                "ops.bench.http..");
        room("Postgres", List.of("java.sql..", "javax.sql..", "org.jooq..", "com.zaxxer.hikari..", "org.postgresql..", "org.flywaydb..",
                root + ".schema.jooq.."), "persister.store..", "ops.bench.store..");
        room("retry", List.of("io.github.resilience4j.."), "processor.engine..", "persister..");
        room("zstd", List.of("com.github.luben.zstd.."), "ingest.http..");
        room("signed tokens", List.of("com.nimbusds.."), "ingest.token..");
        room("password hashing", List.of("com.password4j.."), "ingest.user..");
        room("JSON Schema", List.of("com.networknt.."), "ingest..");
        room("settings files", List.of("com.typesafe.config.."), "schema.settings..");
        room("command line parsing", List.of("picocli.."), "ops.cli..", "ops.launcher..");
        room("the logging backend", List.of("ch.qos.logback..", "net.logstash..", "org.slf4j.bridge.."), "ops.launcher.logging..");
        room("Prometheus", List.of("io.micrometer.prometheusmetrics..", "io.prometheus.."), "ops.launcher.management..");
        room("unpacking", List.of("org.apache.commons.compress..", "org.tukaani.xz.."), "ops.embedded..");
    }

    private void habits() {
        rules.put("names say what a class is for", noClasses().should().haveNameMatching(EMPTY_NAME));
        rules.put("logging goes through SLF4J", noClasses().that().resideOutsideOfPackage(within("ops.launcher.logging.."))
                .should().dependOnClassesThat().resideInAnyPackage("java.util.logging..", "org.apache.commons.logging.."));
        rules.put("standard output belongs to the command line",
                noClasses().that().resideOutsideOfPackages(within("ops.cli.."), within("ops.launcher.."))
                        .should(ACCESS_STANDARD_STREAMS));
        DescribedPredicate<JavaClass> hashes = DescribedPredicate.describe("hash", one -> one.getDirectDependenciesFromSelf().stream()
                .anyMatch(used -> HASHING.contains(used.getTargetClass().getFullName())));
        rules.put("what hashes secrets compares in constant time",
                noClasses().that(hashes).and()
                        .resideInAnyPackage(within("ingest.auth..", "ingest.session..", "ingest.token..", "ingest.user.."))
                        .should().callMethod(String.class, "equals", Object.class)
                        .orShould().callMethod(Arrays.class, "equals", byte[].class, byte[].class)
                        .orShould().callMethod(Objects.class, "equals", Object.class, Object.class));
        rules.put("wiring is plain constructors", noClasses().should().dependOnClassesThat()
                .resideInAnyPackage("jakarta.inject..", "jakarta.annotation..", "jakarta.enterprise.."));
    }

    private void module(String name, String... used) {
        DescribedPredicate<JavaClass> own = resideInAPackage(within(name + ".."));
        DescribedPredicate<JavaClass> others = resideInAPackage(root + "..").and(not(own)).and(not(resideInAnyPackage(within(used))));
        rules.put(name + " uses " + (used.length == 0 ? "no other module" : String.join(" and ", used) + " only"),
                noClasses().that(own).should().dependOnClassesThat(others));
    }

    private void room(String library, List<String> itsPackages, String... room) {
        rules.put(library + " stays in " + String.join(" and ", room), noClasses().that().resideOutsideOfPackages(within(room))
                .should().dependOnClassesThat().resideInAnyPackage(itsPackages.toArray(String[]::new)));
    }

    /** A package pattern below the root; one that starts with a dot may lie at any depth. */
    private String within(String pattern) {
        return root + "." + pattern;
    }

    private String[] within(String... patterns) {
        return Stream.of(patterns).map(this::within).toArray(String[]::new);
    }
}
