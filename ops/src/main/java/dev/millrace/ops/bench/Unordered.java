package dev.millrace.ops.bench;

import dev.millrace.ops.embedded.ScratchFolder;
import dev.millrace.processor.Processor;
import dev.millrace.schema.service.Service;
import dev.millrace.schema.settings.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The processor without what order takes: its reads and commits ask for no lease and look for no gap, and its boards take whatever comes.
 * While nothing goes wrong it does the same as the real one, which shows what order costs. It is the real one, loaded once more with other
 * scripts.
 */
final class Unordered implements AutoCloseable {
    private static final String PACKAGE = "dev.millrace.processor.";
    private static final String FOLDER = "dev/millrace/processor/";
    private static final String FENCE = """
            if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then
              return { 'FENCED' }
            end
            """;
    private static final List<Cut> CUTS = List.of(new Cut("engine/read.lua", FENCE, FENCE),
            new Cut("engine/read.lua", "    local last\n", "      return { 'GAP', i - 1, last }\n    end\n"),
            new Cut("engine/lane/commit.lua", "local lease = redis.call(", FENCE),
            new Cut("handler/board.lua", "local fence = redis.call(", "    return { 'STALE' }\n  end\nend\n"),
            new Cut("handler/board.lua", "redis.call('HSET', KEYS[2], ARGV[1],", "ARGV[3])\n"));

    private final ScratchFolder folder;
    private final Twice loader;
    private final Service service;

    private Unordered(ScratchFolder folder, Twice loader, Service service) {
        this.folder = folder;
        this.loader = loader;
        this.service = service;
    }

    /** Takes a part out of a script, from the beginning of one text to the end of another. */
    private record Cut(String script, String from, String to) {
        String in(String text) {
            int begin = text.indexOf(from);
            int end = text.indexOf(to, Math.max(begin, 0)) + to.length();
            if (begin < 0 || end < begin) {
                throw new IllegalStateException("nothing to take out of " + script + " from " + from);
            }
            return text.substring(0, begin) + text.substring(end);
        }
    }

    /** Loads one, without starting it. */
    static Unordered load(Settings settings, MeterRegistry registry) {
        ScratchFolder folder = ScratchFolder.make("unordered");
        try {
            for (Cut cut : CUTS) {
                Path script = folder.path().resolve(FOLDER + cut.script());
                Files.createDirectories(script.getParent());
                Files.writeString(script, cut.in(Files.exists(script) ? Files.readString(script) : original(cut.script())));
            }
            URL code = Processor.class.getProtectionDomain().getCodeSource().getLocation();
            Twice twice = new Twice(new URL[]{folder.path().toUri().toURL(), code});
            Service service = (Service) twice.loadClass(Processor.class.getName())
                    .getConstructor(Settings.class, MeterRegistry.class).newInstance(settings, registry);
            return new Unordered(folder, twice, service);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the processor can't be loaded once more", e);
        }
    }

    /** It may be started and stopped like any other. */
    Service service() {
        return service;
    }

    @Override
    public void close() {
        try {
            loader.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            folder.close();
        }
    }

    private static String original(String script) throws IOException {
        try (InputStream in = Unordered.class.getClassLoader().getResourceAsStream(FOLDER + script)) {
            if (in == null) {
                throw new IllegalStateException("there is no script " + script);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Loads the processor's classes and scripts itself, and leaves all others to the loader of this class. */
    private static final class Twice extends URLClassLoader {
        Twice(URL[] from) {
            super(from, Unordered.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(PACKAGE)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        }

        @Override
        public @Nullable URL getResource(String name) {
            URL found = name.startsWith(FOLDER) ? findResource(name) : null;
            return found == null ? super.getResource(name) : found;
        }
    }
}
