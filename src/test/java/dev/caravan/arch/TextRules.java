package dev.caravan.arch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The rules that a look at the plain text shows, in files of every kind. */
final class TextRules {

  static final int MAX_FILE_LINES = 400;
  static final int MAX_COLUMNS = 100;

  /** The words are put together here, so that this file does not break its own rule. */
  private static final Map<Pattern, String> BANNED =
      Map.of(
          Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b"),
          "is left open; finish it or leave it out",
          Pattern.compile("(^|[^A-Za-z0-9_.$}*])/(wo" + "rk|fa" + "rm|ro" + "ot)/"),
          "is a path of one machine",
          Pattern.compile("/tmp/" + "wt\\b"),
          "is a path of one machine",
          Pattern.compile("net\\.jq" + "wik"),
          "carries a usage clause; use a small seeded generator");

  private TextRules() {}

  static List<String> violations(SourceFile file) {
    List<String> found = new ArrayList<>();
    List<String> lines = file.lines();
    boolean code = file.isJava() || file.path().endsWith(".camel.yaml");
    if (code && lines.size() > MAX_FILE_LINES) {
      found.add(file.path() + ": " + lines.size() + " lines, at most " + MAX_FILE_LINES);
    }
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      String place = file.path() + ":" + (i + 1) + ": ";
      int columns = line.codePointCount(0, line.length());
      if (code && columns > MAX_COLUMNS) {
        found.add(place + columns + " columns, at most " + MAX_COLUMNS);
      }
      found.addAll(banned(file, line, place));
    }
    return found;
  }

  private static List<String> banned(SourceFile file, String line, String place) {
    List<String> found = new ArrayList<>();
    BANNED.forEach(
        (pattern, why) -> {
          var match = pattern.matcher(line);
          boolean mayBeNamed = why.contains("usage clause") && !file.isJava();
          if (match.find() && !mayBeNamed) {
            found.add(place + "'" + match.group().strip() + "' " + why);
          }
        });
    return found;
  }
}
