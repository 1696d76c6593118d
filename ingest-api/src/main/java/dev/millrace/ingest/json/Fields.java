package dev.millrace.ingest.json;

import dev.millrace.ingest.problem.InputError;
import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.schema.event.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Takes the members of a body one by one and gathers all that is wrong, so that the caller hears it at once. */
public final class Fields {
    /** Beyond these many errors in one body nobody reads on. */
    public static final int MAX_ERRORS = 20;

    private static final String NAME = "must match " + Names.PATTERN;

    private final ObjectNode object;
    private final List<InputError> errors = new ArrayList<>();

    public Fields(ObjectNode object) {
        this.object = object;
    }

    /** Refuses members of other names. */
    public void only(Set<String> names) {
        for (String name : object.propertyNames()) {
            if (!names.contains(name)) {
                wrong(name, "is not a known field");
            }
        }
    }

    public boolean has(String name) {
        return object.has(name);
    }

    /** A member as it is, or null where there is none. */
    public @Nullable JsonNode node(String name) {
        return object.get(name);
    }

    /**
     * A text, or null where there is none or it is wrong.
     *
     * @param form which texts are right
     * @param words what the form is, as the end of a sentence
     */
    public @Nullable String optional(String name, Predicate<String> form, String words) {
        JsonNode node = object.get(name);
        if (node == null) {
            return null;
        }
        if (!node.isString()) {
            wrong(name, "must be a string");
            return null;
        }
        if (!form.test(node.stringValue())) {
            wrong(name, words);
            return null;
        }
        return node.stringValue();
    }

    /** The same, where it must be there; the result counts only if {@link #check} is passed. */
    public String required(String name, Predicate<String> form, String words) {
        if (!object.has(name)) {
            wrong(name, "is required");
        }
        String text = optional(name, form, words);
        return text == null ? "" : text;
    }

    /** Whether a member is true; false where there is none or it is wrong. */
    public boolean flag(String name) {
        JsonNode node = object.get(name);
        if (node != null && !node.isBoolean()) {
            wrong(name, "must be true or false");
        }
        return node != null && node.booleanValue(false);
    }

    /** A required name of the one form that all names share. */
    public String requiredName(String name) {
        return required(name, Names::valid, NAME);
    }

    /** A name, or null where there is none. */
    public @Nullable String optionalName(String name) {
        return optional(name, Names::valid, NAME);
    }

    /** Notes that a member is wrong. */
    public void wrong(String name, String detail) {
        add(InputError.at(Pointers.member(Pointers.ROOT, name), detail));
    }

    /** Notes what is wrong elsewhere. */
    public void add(InputError error) {
        if (errors.size() < MAX_ERRORS) {
            errors.add(error);
        }
    }

    /**
     * Ends the reading.
     *
     * @throws ProblemException if anything was wrong
     */
    public void check() {
        if (!errors.isEmpty()) {
            throw new ProblemException(Problem.of(ProblemType.INVALID_FIELD, errors));
        }
    }
}
