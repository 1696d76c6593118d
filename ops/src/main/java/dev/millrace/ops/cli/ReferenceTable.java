package dev.millrace.ops.cli;

import dev.millrace.schema.metric.Metric;
import dev.millrace.schema.settings.Setting;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A table of what the code defines, as it stands in the documentation, in Markdown.
 *
 * @param header names of the columns
 * @param rows cells, in the order of the header
 */
public record ReferenceTable(List<String> header, List<List<String>> rows) {
    public ReferenceTable {
        header = List.copyOf(header);
        rows = List.copyOf(rows);
    }

    /** Every setting. */
    public static ReferenceTable settings() {
        return new ReferenceTable(List.of("setting", "default", "what it is"), Arrays.stream(Setting.values())
                .map(setting -> List.of(code(setting.variable()), setting.byDefault().map(ReferenceTable::code).orElse(""),
                        setting.description()))
                .toList());
    }

    /** Every metric. */
    public static ReferenceTable metrics() {
        return new ReferenceTable(List.of("metric", "kind", "tags", "what it is"),
                Arrays.stream(Metric.values())
                        .map(metric -> List.of(code(metric.meter()), metric.kind().name().toLowerCase(Locale.ROOT),
                                metric.tags().stream().map(ReferenceTable::code).collect(Collectors.joining(", ")), metric.description()))
                        .toList());
    }

    /** As Markdown, each row on a line. */
    public String markdown() {
        StringBuilder table = new StringBuilder();
        appendRow(table, header);
        table.append("|---".repeat(header.size())).append("|\n");
        rows.forEach(row -> appendRow(table, row));
        return table.toString();
    }

    /** For a terminal: each row is a line that names the thing and a line, indented, for each of its other cells that says something. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            text.append(plain(row.getFirst())).append('\n');
            for (int i = 1; i < row.size(); i++) {
                if (!row.get(i).isEmpty()) {
                    boolean last = i == row.size() - 1;
                    text.append("    ").append(last ? "" : header.get(i) + ": ").append(plain(row.get(i))).append('\n');
                }
            }
        }
        return text.toString();
    }

    private static void appendRow(StringBuilder table, List<String> cells) {
        cells.forEach(cell -> table.append(cell.isEmpty() ? "| " : "| " + cell.replace("|", "\\|") + ' '));
        table.append("|\n");
    }

    private static String code(String text) {
        return '`' + text + '`';
    }

    private static String plain(String markdown) {
        return markdown.replace("`", "");
    }
}
