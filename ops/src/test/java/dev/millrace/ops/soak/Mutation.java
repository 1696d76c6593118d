package dev.millrace.ops.soak;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * Changes scripts and classes of ours and puts them into a folder, for the class path of a process. Nothing of it is known to the code itself.
 * Every change must find what it is to change, so that a mutant that no longer is one fails its test.
 */
final class Mutation {
    /** How every script begins that only the owner of a lease may run. */
    private static final String FENCE = """
            if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then
              return { 'FENCED' }
            end
            """;

    private final Path folder;

    Mutation(Path folder) {
        this.folder = folder;
    }

    /** Replaces a part of a script. */
    Mutation script(String path, String part, String by) {
        return resource(path, text -> text.replace(part, by));
    }

    /** Takes the check of the lease out of a script. */
    Mutation unfenced(String path) {
        return script(path, FENCE, "");
    }

    private Mutation resource(String path, UnaryOperator<String> change) {
        String text = new String(read("dev/millrace/" + path), StandardCharsets.UTF_8);
        String changed = change.apply(text);
        if (changed.equals(text)) {
            throw new AssertionError(path + " does not have what the mutant changes");
        }
        return write("dev/millrace/" + path, changed.getBytes(StandardCharsets.UTF_8));
    }

    /** Makes a method without effects answer false, whatever it is asked. */
    Mutation alwaysFalse(String className, String method) {
        return methods(className, ClassTransform.transformingMethods(model -> model.methodName().equalsString(method),
                (builder, element) -> {
                    if (element instanceof CodeModel) {
                        builder.withCode(code -> code.iconst_0().ireturn());
                    } else {
                        builder.with(element);
                    }
                }));
    }

    /** Makes a method call another one of the same shape instead of one that it calls. */
    Mutation calling(String className, String method, String instead, String called) {
        return methods(className, ClassTransform.transformingMethodBodies(model -> model.methodName().equalsString(method),
                (code, element) -> {
                    if (element instanceof InvokeInstruction call && call.name().equalsString(instead)) {
                        code.invoke(call.opcode(), call.owner().asSymbol(), called, call.typeSymbol(), call.isInterface());
                    } else {
                        code.with(element);
                    }
                }));
    }

    private Mutation methods(String className, ClassTransform transform) {
        String path = "dev/millrace/" + className.replace('.', '/') + ".class";
        byte[] bytes = read(path);
        ClassFile format = ClassFile.of();
        byte[] same = format.transformClass(format.parse(bytes), ClassTransform.ACCEPT_ALL);
        byte[] changed = format.transformClass(format.parse(bytes), transform);
        if (Arrays.equals(same, changed)) {
            throw new AssertionError(className + " does not have what the mutant changes");
        }
        return write(path, changed);
    }

    private static byte[] read(String path) {
        try (InputStream in = Mutation.class.getClassLoader().getResourceAsStream(path)) {
            if (in == null) {
                throw new AssertionError("there is no " + path + " for the mutant to change");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Mutation write(String path, byte[] content) {
        try {
            Path file = folder.resolve(path);
            Files.createDirectories(file.getParent());
            Files.write(file, content);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
