package dev.caravan.store.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.NameZoo;
import dev.caravan.event.PathNames;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScanOrderTest {
  private static final List<String> PIECES =
      List.of(
          "a",
          "b",
          "-",
          ".",
          "0",
          "!",
          " ",
          "\u007F",
          "\u00E9",
          "\uD83D\uDE9A",
          "\uE000",
          "\uFFFF",
          "\uD800\uDC00",
          "\u201BFF",
          "\u201B80",
          "\n",
          "Z",
          "~");

  @TempDir Path root;
  private StoreTree tree;

  @BeforeEach
  void makeTree() {
    tree = new StoreTree(root, root.resolve(".caravan"), Clock.systemUTC());
  }

  @Test
  void foldersSortAsIfTheirNamesEndedWithASlash() throws Exception {
    create(List.of("a/b", "a-b", "a.b", "a0", "a!", "b", "a/b.d/x", "aa", "A/z", "b.d/-/x"));

    assertThat(Scans.paths(Scans.entries(tree)))
        .containsExactly("A/z", "a!", "a-b", "a.b", "a/b", "a/b.d/x", "a0", "aa", "b", "b.d/-/x");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 20261121, 42, 7919})
  void orderIsThatOfTheCatalog(long seed) throws Exception {
    Set<String> paths = randomPaths(new Random(seed), 400);
    create(paths);

    List<String> scanned = Scans.paths(Scans.entries(tree));

    assertThat(scanned).as("seed %d", seed).hasSameSizeAs(paths).isEqualTo(sqliteOrder(paths));
  }

  @Test
  void everyNameThatLinuxKnowsIsFoundAndFoundAgain() throws Exception {
    List<String> paths = new ArrayList<>();
    for (String name : NameZoo.NAMES) {
      paths.add(name);
      paths.add("deep folder \u201BE9/" + name + ".d/" + name);
    }
    paths.removeIf(path -> path.contains("n".repeat(255) + ".d") || path.contains("x.d/"));
    create(paths);

    List<ScanEntry> entries = Scans.entries(tree);

    assertThat(Scans.paths(entries)).isEqualTo(sqliteOrder(paths));
    for (ScanEntry entry : entries) {
      assertThat(tree.stat(entry.path())).isEqualTo(entry.stat());
    }
  }

  private static Set<String> randomPaths(Random random, int count) {
    Set<String> files = new TreeSet<>();
    Set<String> folders = new TreeSet<>();
    while (files.size() < count) {
      String folder = "";
      for (int depth = random.nextInt(4); depth > 0; depth--) {
        folder += randomName(random) + "/";
      }
      String path = folder + randomName(random);
      boolean clash = folders.contains(path + "/");
      for (int at = path.indexOf('/'); at > 0 && !clash; at = path.indexOf('/', at + 1)) {
        clash = files.contains(path.substring(0, at));
      }
      if (!clash) {
        files.add(path);
        for (int at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
          folders.add(path.substring(0, at + 1));
        }
      }
    }
    return files;
  }

  private static String randomName(Random random) {
    while (true) {
      StringBuilder name = new StringBuilder();
      for (int length = 1 + random.nextInt(3); length > 0; length--) {
        name.append(PIECES.get(random.nextInt(PIECES.size())));
      }
      String text = name.toString();
      // Two escapes side by side may form valid UTF-8, which is no text form.
      if (!text.equals(".") && !text.equals("..") && isTextForm(text)) {
        return text;
      }
    }
  }

  private static boolean isTextForm(String text) {
    try {
      return PathNames.textOf(PathNames.bytesOf(text)).equals(text);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void create(Collection<String> paths) throws IOException {
    for (String path : paths) {
      Path file = PathNames.resolve(root, path);
      Files.createDirectories(file.getParent());
      Files.createFile(file);
    }
  }

  private static List<String> sqliteOrder(Collection<String> paths) throws SQLException {
    try (Connection db = DriverManager.getConnection("jdbc:sqlite::memory:");
        Statement statement = db.createStatement()) {
      statement.execute("CREATE TABLE t (path TEXT PRIMARY KEY) WITHOUT ROWID");
      try (PreparedStatement insert = db.prepareStatement("INSERT INTO t VALUES (?)")) {
        for (String path : paths) {
          insert.setString(1, path);
          insert.execute();
        }
      }
      List<String> sorted = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery("SELECT path FROM t ORDER BY path")) {
        while (rows.next()) {
          sorted.add(rows.getString(1));
        }
      }
      return sorted;
    }
  }
}
