package dev.millrace.ingest.http;

import dev.millrace.ingest.auth.Scope;
import dev.millrace.ingest.json.Fields;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The field of bodies that says what a new key may be used for. */
final class ScopeField {
    static final String NAME = "scopes";

    private static final String FORM = "must be a list of different scopes, at least one, of "
            + Arrays.stream(Scope.values()).map(Scope::word).collect(Collectors.joining(", "));

    private ScopeField() {}

    /** The scopes, or null where there are none or they are wrong. */
    static @Nullable Set<Scope> read(Fields fields) {
        JsonNode node = fields.node(NAME);
        if (node == null) {
            return null;
        }
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        boolean right = node.isArray() && !node.isEmpty();
        for (JsonNode word : node) {
            Optional<Scope> scope = word.isString() ? Scope.ofWord(word.stringValue()) : Optional.empty();
            right &= scope.isPresent() && scopes.add(scope.get());
        }
        if (!right) {
            fields.wrong(NAME, FORM);
            return null;
        }
        return scopes;
    }
}
