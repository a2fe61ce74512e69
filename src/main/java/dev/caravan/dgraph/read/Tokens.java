package dev.caravan.dgraph.read;

import java.util.ArrayList;
import java.util.List;

/** The words of a GraphQL document, without comments and commas, one after the other. */
final class Tokens {

  private static final int TOKENS_MAX = 20_000;
  private static final String MARKS = "!$&()[]{}:=@|";
  private static final String BLOCK = "\"\"\"";

  private final String document;
  private final List<String> words = new ArrayList<>();
  private int at;

  /**
   * Reads a document.
   *
   * @throws IllegalArgumentException when it is no GraphQL, or has more than 20,000 words
   */
  Tokens(String document) {
    this.document = document;
    int place = 0;
    while (place < document.length()) {
      place = read(place);
      if (words.size() > TOKENS_MAX) {
        throw new IllegalArgumentException("too long");
      }
    }
  }

  /** Reads one word, or what lies between words; returns where it ends. */
  private int read(int from) {
    char c = document.charAt(from);
    if (Character.isWhitespace(c) || c == ',' || c == '\uFEFF') {
      return from + 1;
    }
    if (c == '#') {
      int end = document.indexOf('\n', from);
      return end < 0 ? document.length() : end;
    }
    int end;
    if (c == '"') {
      end = endOfText(from);
    } else if (document.startsWith("...", from)) {
      end = from + 3;
    } else if (MARKS.indexOf(c) >= 0) {
      end = from + 1;
    } else {
      end = endOfName(from);
    }
    words.add(document.substring(from, end));
    return end;
  }

  /** Names and numbers alike. */
  private int endOfName(int from) {
    int end = from;
    while (end < document.length() && isNamed(document.charAt(end))) {
      end++;
    }
    if (end == from) {
      throw new IllegalArgumentException("not GraphQL at " + from);
    }
    return end;
  }

  private static boolean isNamed(char c) {
    return c < 128 && (Character.isLetterOrDigit(c) || "_-+.".indexOf(c) >= 0);
  }

  private int endOfText(int from) {
    boolean block = document.startsWith(BLOCK, from);
    int place = from + (block ? BLOCK.length() : 1);
    while (place < document.length()) {
      if (document.charAt(place) == '\\') {
        place += 2;
      } else if (document.startsWith(block ? BLOCK : "\"", place)) {
        return place + (block ? BLOCK.length() : 1);
      } else {
        place++;
      }
    }
    throw new IllegalArgumentException("a string does not end");
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
