package dev.caravan.sim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Who works in the store: writes, appends, renames, swaps, links, deletes. Remembers every version
 * that a name ever had. No two versions of a name that follow one another have the same size,
 * because two changes within one tick of the kernel's clock would else look like none.
 */
final class Owner {

  private static final List<String> NAMES =
      List.of(
          "a",
          "a/x",
          "a/y",
          "a b",
          "b",
          "c/d/e",
          "c/d/f",
          "c-d",
          "skip/s",
          "skip/t",
          "é",
          "\uFF5E",
          "\uD83D\uDE00",
          "z");

  private final Path store;
  private final Random random;
  private final Map<String, Set<String>> versions = new HashMap<>();
  private final Map<String, Integer> sizes = new HashMap<>();
  private int written;

  Owner(Path store, Random random) {
    this.store = store;
    this.random = random;
  }

  /** Does something to the store and says what. */
  String act() throws IOException {
    String path = NAMES.get(random.nextInt(NAMES.size()));
    Path file = store.resolve(path);
    boolean there = Files.isRegularFile(file);
    switch (random.nextInt(there ? 12 : 2)) {
      case 0, 1 -> {
        return put(path, random.nextBoolean()) ? "write " + path : "";
      }
      case 2 -> {
        Files.writeString(file, "+" + ++written, StandardOpenOption.APPEND);
        remember();
        return "append " + path;
      }
      case 3, 4, 5 -> {
        Files.delete(file);
        prune(file.getParent());
        return "delete " + path;
      }
      case 6 -> {
        String to = NAMES.get(random.nextInt(NAMES.size()));
        return rename(path, to) ? "rename " + path + " to " + to : "";
      }
      case 7 -> {
        return swap(path, NAMES.get(random.nextInt(NAMES.size())));
      }
      case 8 -> {
        return link(path, NAMES.get(random.nextInt(NAMES.size())));
      }
      case 9 -> {
        return renameFolder("c", "moved/c");
      }
      case 10 -> {
        Files.setLastModifiedTime(file, FileTime.fromMillis(random.nextLong(1L << 40)));
        return "touch " + path;
      }
      default -> {
        String mode = random.nextBoolean() ? "rw-r-----" : "rw-r--r--";
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        return "chmod " + path;
      }
    }
  }

  /** Writes a file that stays, so that the store is never empty. */
  void keep() throws IOException {
    put("keep", false);
  }

  private boolean put(String path, boolean byRename) throws IOException {
    Path file = store.resolve(path);
    if (Files.isDirectory(file) || isBelowFile(file)) {
      return false;
    }
    Files.createDirectories(file.getParent());
    StringBuilder text = new StringBuilder("#" + ++written);
    int size = random.nextInt(5) == 0 ? 70_000 : random.nextInt(40);
    text.append("x".repeat(size));
    if (sizes.getOrDefault(path, -1) == text.length()) {
      text.append('!');
    }
    if (byRename) {
      Path temporary = store.resolve(".caravan/new");
      Files.writeString(temporary, text);
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } else {
      Files.writeString(file, text);
    }
    remember();
    return true;
  }

  private boolean rename(String from, String to) throws IOException {
    Path source = store.resolve(from);
    Path sink = store.resolve(to);
    boolean sameSize = sizes.getOrDefault(to, -1) == (int) Files.size(source);
    if (sameSize || Files.isDirectory(sink) || isBelowFile(sink)) {
      return false;
    }
    Files.createDirectories(sink.getParent());
    Files.move(source, sink, StandardCopyOption.REPLACE_EXISTING);
    prune(source.getParent());
    remember();
    return true;
  }

  private String swap(String one, String other) throws IOException {
    Path a = store.resolve(one);
    Path b = store.resolve(other);
    if (one.equals(other) || !Files.isRegularFile(b) || Files.size(a) == Files.size(b)) {
      return "";
    }
    Path aside = store.resolve(".caravan/swapped");
    Files.move(a, aside);
    Files.move(b, a);
    Files.move(aside, b);
    remember();
    return "swap " + one + " and " + other;
  }

  private String link(String from, String to) throws IOException {
    Path sink = store.resolve(to);
    boolean sameSize = sizes.getOrDefault(to, -1) == (int) Files.size(store.resolve(from));
    if (sameSize || Files.exists(sink) || isBelowFile(sink)) {
      return "";
    }
    Files.createDirectories(sink.getParent());
    Files.createLink(sink, store.resolve(from));
    remember();
    return "link " + to + " to " + from;
  }

  /** Back and forth: the folder that there is gets the other name. */
  private String renameFolder(String one, String other) throws IOException {
    Path a = store.resolve(one);
    Path b = store.resolve(other);
    if (Files.isDirectory(b) && !Files.exists(a)) {
      return renameFolder(other, one);
    }
    if (!Files.isDirectory(a) || Files.exists(b) || b.startsWith(a)) {
      return "";
    }
    Files.createDirectories(b.getParent());
    Files.move(a, b);
    remember();
    return "rename folder " + one + " to " + other;
  }

  private boolean isBelowFile(Path file) {
    for (Path up = file.getParent(); !up.equals(store); up = up.getParent()) {
      if (Files.isRegularFile(up)) {
        return true;
      }
    }
    return false;
  }

  private void prune(Path folder) throws IOException {
    Path empty = folder;
    while (!empty.equals(store)) {
      try (Stream<Path> rest = Files.list(empty)) {
        if (rest.findAny().isPresent()) {
          return;
        }
      }
      Files.delete(empty);
      empty = empty.getParent();
    }
  }

  /** Of all files, for what is written to one name is seen under those that are linked to it. */
  private void remember() throws IOException {
    for (String path : holds().keySet()) {
      byte[] bytes = Files.readAllBytes(store.resolve(path));
      sizes.put(path, bytes.length);
      versions.computeIfAbsent(path, any -> new HashSet<>()).add(FlakyRemote.sha256(bytes));
    }
  }

  /** True when this was a complete version of the file at some time. */
  boolean everWrote(String path, String sha256) {
    return versions.getOrDefault(path, Set.of()).contains(sha256);
  }

  /** SHA-256 of every file that lies in the store now. */
  Map<String, String> holds() throws IOException {
    Map<String, String> held = new TreeMap<>();
    List<Path> files = new ArrayList<>();
    try (Stream<Path> all = Files.walk(store)) {
      all.filter(Files::isRegularFile).forEach(files::add);
    }
    for (Path file : files) {
      String path = store.relativize(file).toString();
      if (!path.startsWith(".caravan")) {
        held.put(path, FlakyRemote.sha256(Files.readAllBytes(file)));
      }
    }
    return held;
  }
}
