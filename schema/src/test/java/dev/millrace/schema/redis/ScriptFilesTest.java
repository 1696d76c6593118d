package dev.millrace.schema.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every Lua script of every module keeps to its own header. */
final class ScriptFilesTest {
    private static final Path PROJECT = Path.of("..");
    private static final Pattern ANY_KEYS = Pattern.compile("\\bKEYS\\b");
    private static final Pattern KEY = Pattern.compile("\\bKEYS\\[([^\\]]*)\\]");
    private static final Pattern FIXED = Pattern.compile("[1-9][0-9]*");
    private static final Pattern BEYOND = Pattern.compile("([0-9]+) \\+ \\w+");
    private static final Pattern COMMENT = Pattern.compile("(?m)^ *--.*$");
    private static final Pattern RETURNS = Pattern.compile("(?m)^-- Returns:(.*(\n--.*)*)");
    private static final Pattern WORD = Pattern.compile("\\b[A-Z][A-Z_]+\\b");
    private static final Pattern ANSWER = Pattern.compile("return \\{ '([^']*)'");
    private static final Pattern COMMAND = Pattern.compile("redis\\.p?call\\( *([^,) ]+)");

    static Stream<LuaFile> scripts() throws IOException {
        List<LuaFile> scripts = new ArrayList<>();
        for (Path resources : folders("src/main/resources")) {
            try (Stream<Path> files = Files.walk(resources)) {
                for (Path file : files.filter(path -> path.toString().endsWith(".lua")).sorted().toList()) {
                    scripts.add(new LuaFile(file, resources.relativize(file)));
                }
            }
        }
        return scripts.stream();
    }

    @Test
    void scriptsOfSeveralModulesAreFound() throws IOException {
        assertThat(scripts().map(LuaFile::toString)).contains("dev/millrace/schema/redis/open-namespace.lua",
                "dev/millrace/processor/engine/claim.lua", "dev/millrace/processor/engine/lane/commit.lua");
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void usesTheKeysThatItDeclaresAndNoOthers(LuaFile file) {
        Script script = file.script();
        String code = file.code();
        assertThat(KEY.matcher(code).results()).as("every use of KEYS is KEYS[…]").hasSize((int) ANY_KEYS.matcher(code).results().count());
        Set<Integer> used = new TreeSet<>();
        for (MatchResult use : KEY.matcher(code).results().toList()) {
            String index = use.group(1);
            Matcher beyond = BEYOND.matcher(index);
            if (FIXED.matcher(index).matches()) {
                used.add(Integer.parseInt(index));
            } else {
                assertThat(beyond.matches()).as("KEYS[%s] is a number, or a number + a variable", index).isTrue();
                assertThat(script.variadic()).as("KEYS[%s] needs a last name with … in the header", index).isTrue();
                assertThat(Integer.parseInt(beyond.group(1))).as("KEYS[%s] begins behind the fixed keys", index).isEqualTo(script.keys());
            }
        }
        assertThat(used).containsExactlyElementsOf(Stream.iterate(1, n -> n + 1).limit(script.keys()).toList());
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void answersTheWordsThatItDeclaresAndNoOthers(LuaFile file) {
        Matcher returns = RETURNS.matcher(file.script().source());
        assertThat(returns.find()).isTrue();
        Set<String> declared = WORD.matcher(returns.group(1)).results().map(MatchResult::group).collect(Collectors.toSet());
        assertThat(ANSWER.matcher(file.code()).results().map(answer -> answer.group(1))).isSubsetOf(declared);
        assertThat(declared).isNotEmpty().allSatisfy(word -> assertThat(file.code()).contains("'" + word + "'"));
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void namesEachRedisCommandOutright(LuaFile file) {
        assertThat(COMMAND.matcher(file.code()).results().map(command -> command.group(1))).isNotEmpty()
                .allSatisfy(command -> assertThat(command).matches("'[A-Z]+'"));
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void isLoadedByAClassBesideIt(LuaFile file) throws IOException {
        List<String> sources = new ArrayList<>();
        for (Path java : folders("src/main/java")) {
            Path home = java.resolve(file.resource()).getParent();
            if (Files.isDirectory(home)) {
                try (Stream<Path> classes = Files.list(home)) {
                    for (Path source : classes.filter(path -> path.toString().endsWith(".java")).toList()) {
                        sources.add(Files.readString(source));
                    }
                }
            }
        }
        Pattern load = Pattern.compile("Script\\.load\\(\\w+\\.class, \"" + Pattern.quote(file.name()) + "\"\\)");
        assertThat(sources).anySatisfy(source -> assertThat(source).containsPattern(load));
    }

    private static List<Path> folders(String inModule) throws IOException {
        try (Stream<Path> modules = Files.list(PROJECT)) {
            return modules.map(module -> module.resolve(inModule)).filter(Files::isDirectory).sorted().toList();
        }
    }

    /**
     * A script in the source tree.
     *
     * @param resource its path on the class path
     */
    record LuaFile(Path file, Path resource) {
        String name() {
            return resource.getFileName().toString().replace(".lua", "");
        }

        Script script() {
            try {
                return Script.of(name(), Files.readString(file));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        /** The source without comments. */
        String code() {
            return COMMENT.matcher(script().source()).replaceAll("");
        }

        @Override
        public String toString() {
            return resource.toString().replace('\\', '/');
        }
    }
}
