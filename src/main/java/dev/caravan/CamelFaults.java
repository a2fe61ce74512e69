package dev.caravan;

import dev.caravan.event.Causes;
import dev.caravan.route.RouteFault;
import dev.caravan.route.RouteFiles.RouteFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.ExpressionIllegalSyntaxException;
import org.apache.camel.FailedToCreateRouteException;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/** Tells in one line what Camel says in many, with the place in the file. */
final class CamelFaults {

  private static final Pattern LINE = Pattern.compile(":(\\d+)$|line (\\d+)");
  private static final Pattern OPTIONS =
      Pattern.compile("(Unknown parameters=\\[\\{)(.*?)(}])", Pattern.DOTALL);
  private static final Pattern OPTION = Pattern.compile("\\?[^\\s?]*=\\S*");
  private static final Pattern ELEMENT = Pattern.compile("^- ", Pattern.MULTILINE);

  private CamelFaults() {}

  /** Reads something; throws when it cannot. */
  interface Reading {
    void read(RouteFile file) throws Exception;
  }

  /**
   * Every fault in a file that cannot be read: each of its elements is read by itself, with the
   * others blanked out, so that lines keep their numbers.
   */
  static List<RouteFault> ofFile(RouteFile file, Reading reading) {
    Optional<RouteFault> whole = reading(file, file.text(), reading);
    if (whole.isEmpty()) {
      return List.of();
    }
    List<RouteFault> faults = new ArrayList<>();
    for (String alone : elements(file.text())) {
      reading(file, alone, reading).ifPresent(faults::add);
    }
    return faults.isEmpty() ? List.of(whole.get()) : faults;
  }

  private static Optional<RouteFault> reading(RouteFile file, String text, Reading reading) {
    try {
      reading.read(new RouteFile(file.name(), file.uri(), file.shown(), file.bundled(), text));
      return Optional.empty();
    } catch (Exception e) {
      return Optional.of(of(file, 0, e));
    }
  }

  /** The text once for each of its top elements, with nothing but that element in it. */
  private static List<String> elements(String text) {
    List<Integer> begins = new ArrayList<>();
    Matcher matcher = ELEMENT.matcher(text);
    while (matcher.find()) {
      begins.add(matcher.start());
    }
    List<String> alone = new ArrayList<>();
    for (int i = 0; i < begins.size(); i++) {
      int end = i + 1 < begins.size() ? begins.get(i + 1) : text.length();
      long before = text.substring(0, begins.get(i)).lines().count();
      alone.add("\n".repeat((int) before) + text.substring(begins.get(i), end));
    }
    return alone;
  }

  /**
   * One fault.
   *
   * @param line where it is when the exception does not say; 0 for unknown
   */
  static RouteFault of(RouteFile file, int line, Throwable thrown) {
    int found = line;
    String message = "";
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      if (each instanceof MarkedYamlEngineException marked) {
        found = marked.getProblemMark().map(Mark::getLine).map(at -> at + 1).orElse(found);
        message = marked.getProblem();
        break;
      }
      if (each instanceof FailedToCreateRouteException failed && found == 0) {
        found = lineIn(String.valueOf(failed.getLocation()));
      }
      message = Causes.textOf(each);
      if (each instanceof ExpressionIllegalSyntaxException || each.getCause() == each) {
        break;
      }
    }
    return RouteFault.at(file, found == 0 ? lineIn(message) : found, oneLine(message));
  }

  /** A fault of an endpoint that the configuration names. */
  static RouteFault of(String key, Throwable thrown) {
    RouteFile nowhere = new RouteFile("", "", key, false, "");
    return new RouteFault("", key, 0, of(nowhere, 0, thrown).message());
  }

  private static int lineIn(String text) {
    Matcher matcher = LINE.matcher(text);
    if (!matcher.find()) {
      return 0;
    }
    return Integer.parseInt(Optional.ofNullable(matcher.group(1)).orElse(matcher.group(2)));
  }

  /** Values of options may be passwords: only their names are shown. */
  private static String oneLine(String message) {
    Matcher options = OPTIONS.matcher(message);
    StringBuilder shown = new StringBuilder();
    while (options.find()) {
      String names =
          String.join(
              ", ",
              Arrays.stream(options.group(2).split(",", -1))
                  .map(option -> option.replaceFirst("=.*", "").strip())
                  .toList());
      options.appendReplacement(
          shown, Matcher.quoteReplacement(options.group(1) + names + options.group(3)));
    }
    return OPTION
        .matcher(options.appendTail(shown).toString().strip())
        .replaceAll("?...")
        .replaceAll("\\s*\\R\\s*", " ");
  }
}
