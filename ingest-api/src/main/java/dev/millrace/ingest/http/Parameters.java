package dev.millrace.ingest.http;

import dev.millrace.ingest.problem.InputError;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.schema.event.Names;
import io.javalin.http.Context;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads parameters of paths and queries; each refuses with the parameter's name. */
final class Parameters {
    private static final int MAX_DIGITS = 9;

    private Parameters() {}

    /** Refuses query parameters that the operation does not take, and those that come more than once. */
    static void check(Context ctx, Operation operation) {
        if (ctx.queryString() == null) {
            return;
        }
        for (Map.Entry<String, List<String>> parameter : ctx.queryParamMap().entrySet()) {
            if (!operation.query().contains(parameter.getKey())) {
                throw wrong(parameter.getKey(), "is not a parameter of this operation");
            }
            if (parameter.getValue().size() != 1) {
                throw wrong(parameter.getKey(), "must be given once, percent-encoded as UTF-8");
            }
        }
    }

    /** A name in the path. */
    static String pathName(Context ctx, String parameter) {
        return name(parameter, ctx.pathParam(parameter));
    }

    /** A name in the query. */
    static String queryName(Context ctx, String parameter, String byDefault) {
        @Nullable String value = ctx.queryParam(parameter);
        return value == null ? byDefault : name(parameter, value);
    }

    /** A name in the query, or null if there is none. */
    static @Nullable String queryName(Context ctx, String parameter) {
        @Nullable String value = ctx.queryParam(parameter);
        return value == null ? null : name(parameter, value);
    }

    /** Names in the query, each once, separated by commas. */
    static List<String> queryNames(Context ctx, String parameter, int max) {
        @Nullable String value = ctx.queryParam(parameter);
        if (value == null) {
            throw wrong(parameter, "must be given: names, separated by commas");
        }
        String[] parts = value.split(",", max + 1);
        if (parts.length > max) {
            throw wrong(parameter, "must be " + max + " names at most");
        }
        Set<String> names = new LinkedHashSet<>();
        for (String part : parts) {
            if (!names.add(name(parameter, part))) {
                throw wrong(parameter, "must name each once, not " + part + " again");
            }
        }
        return List.copyOf(names);
    }

    /** A whole number from 1 in the query. */
    static int queryCount(Context ctx, String parameter, int byDefault, int max) {
        @Nullable String value = ctx.queryParam(parameter);
        if (value == null) {
            return byDefault;
        }
        if (!value.isEmpty() && value.length() <= MAX_DIGITS && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            int count = Integer.parseInt(value);
            if (count >= 1 && count <= max) {
                return count;
            }
        }
        throw wrong(parameter, "must be a whole number from 1 to " + max);
    }

    static ProblemException wrong(String parameter, String detail) {
        return new ProblemException(ProblemType.INVALID_PARAMETER, InputError.parameter(parameter, detail));
    }

    private static String name(String parameter, String value) {
        if (!Names.valid(value)) {
            throw wrong(parameter, "must match " + Names.PATTERN);
        }
        return value;
    }
}
