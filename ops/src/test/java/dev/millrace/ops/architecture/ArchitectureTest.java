package dev.millrace.ops.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArchitectureTest {

    private static final String ROOT = "dev.millrace";
    private static final String BROKEN = ArchitectureTest.class.getPackageName() + ".broken";
    private static final List<String> MODULES = List.of("schema", "ingest-api", "processor", "persister", "ops");

    /** Our code, without the classes that jOOQ generates: others may not use them, but what they use themselves is jOOQ's business. */
    private static final JavaClasses CODE = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT).that(not(resideInAPackage(ROOT + ".schema.jooq..")));

    private static final JavaClasses BROKEN_CODE = new ClassFileImporter().importPackages(BROKEN);

    static Collection<String> rules() {
        return new ArchitectureRules(ROOT).all().keySet();
    }

    @ParameterizedTest
    @MethodSource("rules")
    void ourCodeKeepsTheRule(String rule) {
        ArchRule ours = new ArchitectureRules(ROOT).all().get(rule);

        ours.check(CODE);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void codeThatBreaksTheRuleIsFound(String rule) {
        ArchRule sameForBrokenCode = new ArchitectureRules(BROKEN).all().get(rule);

        EvaluationResult result = sameForBrokenCode.evaluate(BROKEN_CODE);

        assertThat(result.hasViolation()).as("broken code breaks: %s", rule).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"schema", "ingest", "processor", "persister", "ops"})
    void everyModuleIsLookedAt(String module) {
        assertThat(CODE.stream().map(JavaClass::getPackageName)).anyMatch(name -> name.startsWith(ROOT + "." + module));
    }

    /** A test that sleeps is slow where it sleeps too long and flaky where it doesn't: tests wait on facts. */
    @Test
    void testsDoNotSleep() {
        noClasses().should().callMethod(Thread.class, "sleep", long.class)
                .orShould().callMethod(Thread.class, "sleep", Duration.class)
                .orShould().callMethod(TimeUnit.class, "sleep", long.class)
                .check(testClasses());
    }

    /** Those of all modules; only the ones of this module are on the class path. */
    private static JavaClasses testClasses() {
        Path repository = Path.of("").toAbsolutePath().getParent();
        return new ClassFileImporter().importPaths(MODULES.stream()
                .map(module -> repository.resolve(module).resolve("target/test-classes"))
                .filter(Files::isDirectory)
                .toList());
    }
}
