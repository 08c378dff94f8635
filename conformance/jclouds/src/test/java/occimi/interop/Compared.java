package occimi.interop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/**
 * The table of a test: what was asked for, and what each observer shows. At the end of the test it is printed, and the test fails
 * if observers differ from each other or from what was asked for.
 */
final class Compared {
    /** A cell of what has no place in a protocol, or was not asked for. */
    private static final String NO_PLACE = "-";
    /** A cell of what is as in the first cell that has a value. */
    private static final String SAME = "=";

    private final List<Observer> observers;
    private final List<List<String>> rows = new ArrayList<>();
    private final List<String> differences = new ArrayList<>();
    private final Set<String> shown = new HashSet<>();
    private int compared;

    Compared(List<Observer> observers) {
        this.observers = observers;
        List<String> head = new ArrayList<>(List.of("", "asked for"));
        observers.forEach(o -> head.add(o.name()));
        rows.add(head);
    }

    /**
     * Compares all observers' views of a thing with each other, and with the attributes that were asked for. The table has all
     * attributes when the thing is compared first, and later those that were asked for or differ.
     */
    void same(String what, BiFunction<Observer, String, Map<String, Object>> view, String id, Map<String, Object> asked) {
        List<Map<String, Object>> views = new ArrayList<>();
        Set<String> attributes = new LinkedHashSet<>();
        for (Observer o : observers) {
            Map<String, Object> seen = view.apply(o, id);
            if (seen == null) {
                difference(what + " " + id + " is not seen by " + o.name());
                seen = Map.of();
            }
            views.add(seen);
            attributes.addAll(seen.keySet());
        }
        attributes.addAll(asked.keySet());
        boolean all = shown.add(id);
        for (String attribute : attributes) {
            int before = differences.size();
            List<String> row = row(what + ": " + attribute, attribute, asked, views);
            if (all || asked.containsKey(attribute) || differences.size() > before) {
                rows.add(row);
            }
        }
    }

    /** Checks that no observer sees the thing. */
    void gone(String what, BiFunction<Observer, String, Map<String, Object>> view, String id) {
        List<String> cells = new ArrayList<>(List.of(what, State.NOWHERE));
        for (Observer o : observers) {
            Map<String, Object> seen = view.apply(o, id);
            boolean nouns = seen == null || !seen.isEmpty();
            cells.add(!nouns ? NO_PLACE : seen == null ? State.NOWHERE : "still there");
            compared += nouns ? 1 : 0;
            if (seen != null && nouns) {
                difference(what + " " + id + " is gone, but not for " + o.name());
            }
        }
        rows.add(cells);
    }

    /**
     * Waits until jclouds sees the machine in the state; then all others must, at once and in their own words, and their lists
     * must have it unless it is gone.
     */
    void state(String after, String machine, State wanted) {
        Observer truth = observers.get(0);
        Await.until(machine + " to be " + wanted.said(truth), () -> wanted.said(truth).equals(truth.state(machine)));
        List<String> cells = new ArrayList<>(List.of("state after " + after, wanted.name().toLowerCase()));
        for (Observer o : observers) {
            String said = o.state(machine);
            cells.add(said);
            compared++;
            if (!said.equals(wanted.said(o))) {
                difference("after " + after + " " + o.name() + " says " + said + ", want " + wanted.said(o));
            }
            if (o.machines().contains(machine) == (wanted == State.GONE)) {
                difference("after " + after + " the machines of " + o.name() + (wanted == State.GONE ? " still have " : " lack ") + machine);
            }
        }
        rows.add(cells);
    }

    private List<String> row(String what, String attribute, Map<String, Object> asked, List<Map<String, Object>> views) {
        List<Map<String, Object>> columns = new ArrayList<>(List.of(asked));
        columns.addAll(views);
        List<String> cells = new ArrayList<>(List.of(what));
        Map<String, Object> first = null;
        for (int i = 0; i < columns.size(); i++) {
            Map<String, Object> column = columns.get(i);
            if (!column.containsKey(attribute)) {
                cells.add(NO_PLACE);
                continue;
            }
            if (first == null) {
                first = column;
                cells.add(text(column.get(attribute)));
                continue;
            }
            compared++;
            boolean same = Objects.equals(first.get(attribute), column.get(attribute));
            cells.add(same ? SAME : text(column.get(attribute)));
            if (!same) {
                difference(what + ": " + rows.get(0).get(i + 1) + " has " + text(column.get(attribute))
                        + ", want " + text(first.get(attribute)));
            }
        }
        return cells;
    }

    private void difference(String text) {
        differences.add(text);
    }

    private static String text(Object value) {
        if (value == null) {
            return "(none)";
        }
        if (value instanceof Collection<?> c) {
            return c.isEmpty() ? "(none)" : c.stream().map(Object::toString).collect(Collectors.joining(" "));
        }
        return value.toString();
    }

    /** Prints the table, and throws an AssertionError that lists the differences, if there are any. */
    void report(String title) {
        System.out.println("\n" + title + ": " + compared + " comparisons, " + differences.size() + " differences\n" + table());
        if (!differences.isEmpty()) {
            throw new AssertionError(differences.size() + " differences:\n" + String.join("\n", differences));
        }
    }

    private String table() {
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder out = new StringBuilder();
        for (int r = 0; r < rows.size(); r++) {
            line(out, rows.get(r), widths);
            if (r == 0) {
                line(out, Arrays.stream(widths).mapToObj("-"::repeat).toList(), widths);
            }
        }
        return out.toString();
    }

    private static void line(StringBuilder out, List<String> cells, int[] widths) {
        for (int i = 0; i < widths.length; i++) {
            out.append("| ").append(cells.get(i)).append(" ".repeat(widths[i] - cells.get(i).length() + 1));
        }
        out.append("|\n");
    }
}
