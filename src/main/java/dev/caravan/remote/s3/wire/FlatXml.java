package dev.caravan.remote.s3.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the plainest of XML without a parser of XML, whose preparations cost more than all else
 * about a small answer: one element that holds elements that hold text, in ASCII. What is anything
 * else is left to the parser.
 */
final class FlatXml {

  private static final String QUOTE = "&quot;";

  private final String text;
  private int at;

  private FlatXml(String text) {
    this.text = text;
  }

  private record Field(String name, String value) {}

  /**
   * Reads a whole document.
   *
   * @param visitor is told of each element as {@link S3Xml} would, when all of it could be read
   * @return the local name of the outermost element; empty when it is not so plain, and then the
   *     visitor was told nothing
   */
  static Optional<String> read(byte[] document, S3Xml.Visitor visitor) {
    for (byte each : document) {
      // Not ASCII, or a line end that a parser would change, or what XML does not allow.
      if (each < ' ' && each != '\n') {
        return Optional.empty();
      }
    }
    FlatXml xml = new FlatXml(new String(document, StandardCharsets.US_ASCII));
    List<Field> fields = new ArrayList<>();
    Optional<String> root = xml.document(fields);
    if (root.isPresent()) {
      fields.forEach(each -> visitor.end(root.get(), each.name(), each.value()));
      visitor.end("", root.get(), "");
    }
    return root;
  }

  private Optional<String> document(List<Field> fields) {
    skipBlanks();
    if (text.startsWith("<?xml ", at)) {
      int end = text.indexOf("?>", at);
      if (end < 0 || !isUsual(text.substring(at, end))) {
        return Optional.empty();
      }
      at = end + 2;
      skipBlanks();
    }
    String root = openRoot();
    if (root.isEmpty()) {
      return Optional.empty();
    }
    for (skipBlanks(); !text.startsWith("</", at); skipBlanks()) {
      Optional<Field> field = field();
      if (field.isEmpty()) {
        return Optional.empty();
      }
      fields.add(field.get());
    }
    String end = "</" + root + ">";
    if (!text.startsWith(end, at)) {
      return Optional.empty();
    }
    at += end.length();
    skipBlanks();
    return at == text.length() ? Optional.of(root) : Optional.empty();
  }

  private static boolean isUsual(String declaration) {
    String said = declaration.replace('\'', '"');
    return said.equals("<?xml version=\"1.0\"")
        || said.equalsIgnoreCase("<?xml version=\"1.0\" encoding=\"UTF-8\"");
  }

  /** With nothing beside its name but one namespace at most. */
  private String openRoot() {
    String name = name();
    if (text.startsWith(" xmlns=\"http", at)) {
      int end = text.indexOf('"', at + 8);
      String space = end < 0 ? "<" : text.substring(at + 8, end);
      if (space.indexOf('<') >= 0 || space.indexOf('&') >= 0) {
        return "";
      }
      at = end + 1;
    }
    if (!text.startsWith(">", at)) {
      return "";
    }
    at++;
    return name;
  }

  /** Behind {@code <}; empty when there is no plain name. */
  private String name() {
    if (!text.startsWith("<", at)) {
      return "";
    }
    int from = at + 1;
    int to = from;
    while (to < text.length() && isLetter(text.charAt(to), to > from)) {
      to++;
    }
    at = to;
    return text.substring(from, to);
  }

  private static boolean isLetter(char c, boolean digitsToo) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (digitsToo && c >= '0' && c <= '9');
  }

  private Optional<Field> field() {
    String name = name();
    if (name.isEmpty() || !text.startsWith(">", at)) {
      return Optional.empty();
    }
    int from = at + 1;
    int to = text.indexOf('<', from);
    String end = "</" + name + ">";
    if (to < 0 || !text.startsWith(end, to)) {
      return Optional.empty();
    }
    String value = text.substring(from, to).replace(QUOTE, "\"");
    if (value.indexOf('&') >= 0 || value.contains("]]>")) {
      return Optional.empty();
    }
    at = to + end.length();
    return Optional.of(new Field(name, value));
  }

  private void skipBlanks() {
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\n')) {
      at++;
    }
  }
}
