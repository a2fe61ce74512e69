package dev.caravan.dgraph.read;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The words of a GraphQL document, without comments and commas, one after the other. */
final class Tokens {

  private static final Pattern TOKEN =
      Pattern.compile(
          "\\G(?:[\\s,\\x{FEFF}]+|#[^\\n\\r]*"
              + "|(?<name>[_A-Za-z][_0-9A-Za-z]*)"
              + "|(?<number>-?[0-9]+(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
              + "|(?<block>\"\"\"(?:\\\\\"\"\"|(?!\"\"\").)*+\"\"\")"
              + "|(?<text>\"(?:\\\\.|[^\"\\\\\\n\\r])*+\")"
              + "|(?<mark>\\.\\.\\.|[!$&()\\[\\]{}:=@|]))",
          Pattern.DOTALL);

  private static final int TOKENS_MAX = 20_000;

  private final List<String> words = new ArrayList<>();
  private int at;

  /**
   * @throws IllegalArgumentException when it is no GraphQL, or has more than 20,000 words
   */
  Tokens(String document) {
    Matcher matcher = TOKEN.matcher(document);
    int end = 0;
    while (end < document.length() && matcher.find()) {
      end = matcher.end();
      for (String group : List.of("name", "number", "block", "text", "mark")) {
        if (matcher.group(group) != null) {
          words.add(matcher.group(group));
        }
      }
      if (words.size() > TOKENS_MAX) {
        throw new IllegalArgumentException("too long");
      }
    }
    if (end < document.length()) {
      throw new IllegalArgumentException("not GraphQL at " + end);
    }
  }

  boolean isEnd() {
    return at >= words.size();
  }

  /** The next word, which stays; empty text at the end. */
  String peek() {
    return isEnd() ? "" : words.get(at);
  }

  String next() {
    if (isEnd()) {
      throw new IllegalArgumentException("ends too early");
    }
    return words.get(at++);
  }

  /** Takes the word if it is the next. */
  boolean take(String word) {
    boolean found = peek().equals(word);
    at += found ? 1 : 0;
    return found;
  }

  void expect(String word) {
    if (!take(word)) {
      throw new IllegalArgumentException("no " + word);
    }
  }

  boolean isName() {
    return !isEnd() && (Character.isLetter(peek().charAt(0)) || peek().charAt(0) == '_');
  }
}
