package dev.caravan.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * How a command ended.
 *
 * @param out what it wrote to standard output
 * @param err what it wrote to standard error
 */
record Outcome(List<String> command, int exitCode, String out, String err) {

  /** Standard output as JSON. */
  JsonNode json() {
    try {
      return new ObjectMapper().readTree(out);
    } catch (IOException e) {
      throw new UncheckedIOException("not JSON: " + this, e);
    }
  }

  /** The lines of standard error that neither report progress nor say that all is well. */
  List<String> complaints() {
    return err.lines()
        .filter(line -> !line.isBlank())
        .filter(line -> !line.matches("\\d{4}-\\d\\d-\\d\\dT\\S+ (INFO|DEBUG|TRACE) .*"))
        .filter(line -> !line.matches("\\d+ of \\d+ files, .*"))
        .toList();
  }

  @Override
  public String toString() {
    return "%s%nended with %d%n--- out%n%s%n--- err%n%s"
        .formatted(String.join(" ", command), exitCode, out, err);
  }
}
