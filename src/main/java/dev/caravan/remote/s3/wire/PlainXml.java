package dev.caravan.remote.s3.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the plainest of XML without a parser of XML, whose preparations cost more than all else
 * about a small answer, and which takes ten times as long for a page of a listing: elements that
 * hold either elements or text, in ASCII. What is anything else is left to the parser.
 */
final class PlainXml {

  private static final String QUOTE = "&quot;";

  private final byte[] text;
  private int at;

  /** Of each element that has ended: the name of the one around it, its own, its text. */
  private final List<String> told = new ArrayList<>();

  private final List<String> open = new ArrayList<>();

  /** Names that came up: a listing has few of them, each a thousand times. */
  private final List<String> names = new ArrayList<>();

  private PlainXml(byte[] text) {
    this.text = text;
  }

  /**
   * Reads a whole document.
   *
   * @param visitor is told of each element as {@link S3Xml#parse} would, when all could be read
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
    PlainXml xml = new PlainXml(document);
    if (!xml.prolog() || !xml.openRoot() || !xml.content()) {
      return Optional.empty();
    }
    List<String> told = xml.told;
    for (int i = 0; i < told.size(); i += 3) {
      visitor.end(told.get(i), told.get(i + 1), told.get(i + 2));
    }
    return Optional.of(told.get(told.size() - 2));
  }

  private boolean prolog() {
    skipBlanks();
    if (!isNext("<?xml ")) {
      return true;
    }
    int end = at;
    while (end < text.length && text[end] != '>') {
      end++;
    }
    String said = string(at, end).replace('\'', '"');
    at = end + 1;
    skipBlanks();
    return said.equals("<?xml version=\"1.0\"?")
        || said.equalsIgnoreCase("<?xml version=\"1.0\" encoding=\"UTF-8\"?");
  }

  /** With nothing beside its name but one namespace at most. */
  private boolean openRoot() {
    if (!openTag()) {
      return false;
    }
    String space = " xmlns=\"";
    if (isNext(space + "http")) {
      int end = at + space.length();
      while (end < text.length && text[end] != '"') {
        if (text[end] == '<' || text[end] == '&') {
          return false;
        }
        end++;
      }
      at = end + 1;
    }
    return step('>');
  }

  /** All behind the beginning of the outermost element. */
  private boolean content() {
    boolean holdsElements = false;
    int from = at;
    while (true) {
      int to = at;
      boolean blank = true;
      boolean odd = false;
      for (; to < text.length && text[to] != '<'; to++) {
        byte c = text[to];
        blank &= c == ' ' || c == '\n';
        odd |= c == '&' || c == ']';
      }
      at = to;
      if (to + 1 >= text.length || (holdsElements && !blank)) {
        return false;
      }
      if (text[to + 1] != '/') {
        if (!blank || !openTag()) {
          return false;
        }
        holdsElements = isNext("/>");
        if (holdsElements) {
          at += 2;
          tell("");
        } else if (!step('>')) {
          return false;
        }
      } else {
        Optional<String> value = odd ? plain(string(from, to)) : Optional.of(string(from, to));
        if (value.isEmpty() || !closeTag()) {
          return false;
        }
        tell(value.get());
        holdsElements = true;
      }
      if (open.isEmpty()) {
        skipBlanks();
        return at == text.length;
      }
      from = at;
    }
  }

  /** The innermost element has ended. */
  private void tell(String value) {
    int last = open.size() - 1;
    told.add(last == 0 ? "" : open.get(last - 1));
    told.add(open.remove(last));
    told.add(value);
  }

  private static Optional<String> plain(String value) {
    String plain = value.replace(QUOTE, "\"");
    return plain.indexOf('&') >= 0 || plain.contains("]]>") ? Optional.empty() : Optional.of(plain);
  }

  /** Passes {@code <} and a plain name. */
  private boolean openTag() {
    if (!step('<')) {
      return false;
    }
    int from = at;
    while (at < text.length && isLetter(text[at], at > from)) {
      at++;
    }
    open.add(name(from));
    return at > from;
  }

  private String name(int from) {
    for (String each : names) {
      if (each.length() == at - from && isThere(each, from)) {
        return each;
      }
    }
    String name = string(from, at);
    if (names.size() < 32) {
      names.add(name);
    }
    return name;
  }

  private boolean closeTag() {
    at += 2;
    String name = open.get(open.size() - 1);
    if (!isNext(name)) {
      return false;
    }
    at += name.length();
    return step('>');
  }

  private static boolean isLetter(byte c, boolean digitsToo) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (digitsToo && c >= '0' && c <= '9');
  }

  private boolean step(char expected) {
    return at < text.length && text[at++] == expected;
  }

  private boolean isNext(String expected) {
    return isThere(expected, at);
  }

  private boolean isThere(String expected, int from) {
    if (expected.length() > text.length - from) {
      return false;
    }
    for (int i = 0; i < expected.length(); i++) {
      if (text[from + i] != expected.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private String string(int from, int to) {
    return new String(text, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private void skipBlanks() {
    while (at < text.length && (text[at] == ' ' || text[at] == '\n')) {
      at++;
    }
  }
}
