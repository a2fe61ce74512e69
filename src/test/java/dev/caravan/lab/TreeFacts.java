package dev.caravan.lab;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the system's own programs say of a tree: nothing of ours takes part. */
public final class TreeFacts {

  private TreeFacts() {}

  /**
   * Type, mode, owner, group, modification time, size and where a link leads, by path; all names as
   * bytes. The size of a folder is left out, and the time of a link is cut to microseconds: Java
   * sets no more.
   */
  public static SortedMap<String, String> of(Path root) throws IOException {
    String all =
        run(
            List.of(
                "find",
                root.toString(),
                "-mindepth",
                "1",
                "-printf",
                "%P\\0%y %m %U:%G %T@ %s %l\\0"));
    SortedMap<String, String> facts = new TreeMap<>();
    String[] parts = all.split("\0", -1);
    for (int i = 0; i + 1 < parts.length; i += 2) {
      facts.put(parts[i], comparable(parts[i + 1]));
    }
    return facts;
  }

  /** What differs in content, as {@code diff -r} says; links are compared, not followed. */
  public static String differences(Path a, Path b) throws IOException {
    return run(List.of("diff", "-r", "--no-dereference", a.toString(), b.toString()));
  }

  private static String comparable(String fact) {
    return switch (fact.charAt(0)) {
      case 'd' -> fact.replaceFirst(" \\d+ $", " -");
      case 'l' -> fact.replaceFirst("(\\.\\d{6})\\d*", "$1");
      default -> fact;
    };
  }

  private static String run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), ISO_8859_1);
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    return said;
  }
}
