package dev.millrace.ops.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * What was measured, for people and for programs.
 *
 * @param facts name and words of what the figures depend on, in the order in which they are shown
 */
record Report(Map<String, String> facts, List<Figure> figures) {
    private static final List<String> HEADER = List.of("measured", "figure", "ceiling", "ratio", "goal", "met");

    /** The facts, a line each, then a table in Markdown. */
    String table() {
        StringBuilder text = new StringBuilder();
        facts.forEach((name, words) -> text.append("- ").append(name).append(": ").append(words).append('\n'));
        text.append('\n');
        List<List<String>> rows = new ArrayList<>(List.of(HEADER));
        figures.forEach(figure -> rows.add(row(figure)));
        int[] widths = new int[HEADER.size()];
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        for (int row = 0; row < rows.size(); row++) {
            append(text, rows.get(row), widths, ' ');
            if (row == 0) {
                append(text, HEADER.stream().map(_ -> "").toList(), widths, '-');
            }
        }
        return text.toString();
    }

    private static void append(StringBuilder text, List<String> row, int[] widths, char fill) {
        for (int column = 0; column < widths.length; column++) {
            String cell = row.get(column);
            text.append("| ").append(cell).repeat(fill, widths[column] - cell.length()).append(' ');
        }
        text.append("|\n");
    }

    private static List<String> row(Figure figure) {
        return List.of(figure.name(), words(figure.value(), figure.unit()),
                figure.ceiling().isPresent() ? words(figure.ceiling().getAsDouble(), figure.unit()) : "",
                figure.ratio().isPresent() ? String.format(Locale.ROOT, "%.2f", figure.ratio().getAsDouble()) : "",
                figure.goal().map(Goal::words).orElse(""), figure.goal().map(goal -> goal.judge(figure).words()).orElse(""));
    }

    private static String words(double value, Figure.Unit unit) {
        return switch (unit) {
            case PER_SECOND -> String.format(Locale.ROOT, "%,.0f%s", value, unit.symbol());
            case MILLIS, MICROS, TIMES -> String.format(Locale.ROOT, "%.1f %s", value, unit.symbol());
        };
    }

    /** One object: {@code facts}, and {@code figures} with their numbers as they are. */
    String json() {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Figure figure : figures) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", figure.name());
            one.put("value", figure.value());
            one.put("unit", figure.unit().symbol());
            figure.ceiling().ifPresent(ceiling -> one.put("ceiling", ceiling));
            figure.ratio().ifPresent(ratio -> one.put("ratio", ratio));
            figure.goal().ifPresent(goal -> {
                one.put("goal", goal.words());
                one.put("met", goal.judge(figure) != Goal.Verdict.MISSED);
            });
            all.add(one);
        }
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("facts", facts);
        report.put("figures", all);
        return JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n";
    }
}
