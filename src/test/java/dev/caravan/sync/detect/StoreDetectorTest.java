package dev.caravan.sync.detect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.FileTable;
import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import dev.caravan.store.StoreMounts;
import dev.caravan.store.StoreTree;
import dev.caravan.store.scan.ScanEntry;
import dev.caravan.store.scan.StoreCursor;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random scans against a catalog, compared with a model that is too simple to be wrong. */
class StoreDetectorTest {

  private static final Comparator<String> BYTES = StorePath::compareUtf8;
  private static final List<String> NAMES =
      List.of(
          "a",
          "a!b",
          "a-b",
          "a/x",
          "a/y/z",
          "a/y0",
          "ab",
          "b",
          "b/c",
          "skip",
          "skip/s",
          "é",
          "\uFF5E",
          "\uD83D\uDE00",
          "\uD83D\uDE00/q");

  @TempDir Path folder;
  private Catalog catalog;
  private final List<String> skipped = new ArrayList<>();

  /** What the catalog should say of one file. */
  private record Known(FileRow.State state, long version, int looks) {}

  @BeforeEach
  void open() {
    catalog = Catalog.open(folder);
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  private static boolean admits(String path) {
    return !path.startsWith("skip");
  }

  private static FileStat stat(String path, FileStat.Kind kind, long version) {
    return new FileStat(StorePath.of(path), kind, version, version, version, version, 1, 0100644);
  }

  private static ScanEntry file(String path, long version) {
    return new ScanEntry(
        StorePath.of(path), Optional.of(stat(path, FileStat.Kind.FILE, version)), Optional.empty());
  }

  private static ScanEntry link(String path) {
    return new ScanEntry(
        StorePath.of(path), Optional.of(stat(path, FileStat.Kind.SYMLINK, 1)), Optional.empty());
  }

  private static ScanEntry problem(String path) {
    return new ScanEntry(StorePath.of(path), Optional.empty(), Optional.of("no permission"));
  }

  @Test
  void whatLayOnADiskThatIsAwayIsUnknown() {
    FileStat other = new FileStat(StorePath.of("b/c"), FileStat.Kind.FILE, 1, 1, 1, 1, 2, 0100644);
    ScanEntry mounted = new ScanEntry(other.path(), Optional.of(other), Optional.empty());
    look(List.of(file("a", 1), mounted, file("b/d", 1)));
    catalog.commit(session -> catalog.recordMeta(session, "mounts", "b"));
    for (int i = 0; i < 3; i++) {
      StoreFindings found = look(List.of(file("a", 1), file("b/c", 2), file("b/new", 1)));
      assertThat(found.missing()).isZero();
      assertThat(skipped).containsExactly("b/c mount_away");
    }
    assertThat(catalog.files().find(StorePath.of("b/c")).orElseThrow().modifiedNs()).isEqualTo(1);
    assertThat(catalog.files().find(StorePath.of("b/new"))).isPresent();
    assertThat(catalog.findMeta("mounts")).contains("b");
  }

  private StoreFindings look(List<ScanEntry> entries) {
    skipped.clear();
    StoreDetector detector =
        new StoreDetector(
            path -> admits(path.value()),
            new StoreChanges(catalog, List.of(), 1, true),
            (path, reason, message) -> skipped.add(path + " " + reason.label()),
            new MountMemory(
                catalog,
                StoreMounts.of(
                    new StoreTree(folder, folder.resolve(".caravan"), Clock.systemUTC())),
                halt -> false),
            link -> skipped.add(link.path() + " symlink"),
            StoreDetector.LogFinder.NONE);
    Iterator<ScanEntry> rest = entries.iterator();
    StoreCursor scan =
        new StoreCursor() {
          @Override
          public Optional<ScanEntry> next() {
            return rest.hasNext() ? Optional.of(rest.next()) : Optional.empty();
          }

          @Override
          public void close() {}
        };
    try (FileTable.Cursor rows = catalog.files().open()) {
      return detector.compare(scan, rows);
    }
  }

  private Map<String, Known> rows() {
    Map<String, Known> found = new TreeMap<>(BYTES);
    try (FileTable.Cursor rows = catalog.files().open()) {
      for (Optional<FileRow> row = rows.next(); row.isPresent(); row = rows.next()) {
        FileRow file = row.get();
        found.put(
            file.path().value(), new Known(file.state(), file.sizeBytes(), file.missingLooks()));
      }
    }
    return found;
  }

  @Test
  void randomHistoriesEndAsTheModelSays() {
    for (long seed = 1; seed <= 25; seed++) {
      Random random = new Random(seed);
      catalog.commit(session -> session.execute("DELETE FROM file"));
      Map<String, Known> model = new TreeMap<>(BYTES);
      for (int step = 0; step < 12; step++) {
        play(random, model);
        assertThat(rows()).as("seed %s, step %s", seed, step).isEqualTo(model);
      }
    }
  }

  /** One random scan, against the catalog and against the model. */
  private void play(Random random, Map<String, Known> model) {
    purgeOne(random, model);
    TreeMap<String, ScanEntry> entries = new TreeMap<>(BYTES);
    Set<String> unreadable = new HashSet<>();
    for (String name : NAMES) {
      boolean below = entries.keySet().stream().anyMatch(above -> name.startsWith(above + "/"));
      if (below || !admits(name)) {
        continue;
      }
      switch (random.nextInt(12)) {
        case 0, 1, 2, 3 -> entries.put(name, file(name, 1 + random.nextInt(2)));
        case 4 -> entries.put(name, link(name));
        case 5 -> {
          entries.put(name, problem(name));
          unreadable.add(name);
        }
        default -> {}
      }
    }
    Map<String, Known> before = new TreeMap<>(model);
    entries.forEach(
        (path, entry) ->
            entry
                .stat()
                .filter(stat -> stat.kind() == FileStat.Kind.FILE)
                .ifPresent(
                    stat ->
                        model.put(path, new Known(FileRow.State.PRESENT, stat.sizeBytes(), 0))));
    before.forEach(
        (path, known) -> {
          boolean here =
              Optional.ofNullable(entries.get(path))
                  .flatMap(ScanEntry::stat)
                  .filter(stat -> stat.kind() == FileStat.Kind.FILE)
                  .isPresent();
          boolean unknown =
              unreadable.stream().anyMatch(at -> path.equals(at) || path.startsWith(at + "/"));
          if (!here && !unknown && known.state() == FileRow.State.PRESENT) {
            model.put(path, new Known(known.state(), known.version(), known.looks() + 1));
          }
        });
    StoreFindings findings = look(inScanOrder(entries, unreadable, before.keySet()));
    assertThat(findings.unreadable()).containsExactlyInAnyOrderElementsOf(unreadable);
    assertThat(findings.found())
        .isEqualTo(
            entries.values().stream()
                .flatMap(entry -> entry.stat().stream())
                .filter(stat -> stat.kind() == FileStat.Kind.FILE)
                .count());
  }

  /**
   * A folder that could not be read stands where the first file in it would stand, a file that
   * could not be looked at in its own place; the known ones are files here.
   */
  private static List<ScanEntry> inScanOrder(
      TreeMap<String, ScanEntry> entries, Set<String> unreadable, Set<String> known) {
    TreeMap<String, ScanEntry> placed = new TreeMap<>(BYTES);
    entries.forEach(
        (path, entry) -> {
          boolean isFolder = unreadable.contains(path) && !known.contains(path);
          placed.put(isFolder ? path + "/" : path, entry);
        });
    return List.copyOf(placed.values());
  }

  private void purgeOne(Random random, Map<String, Known> model) {
    Set<String> present = new TreeSet<>(BYTES);
    model.forEach(
        (path, known) -> {
          if (known.state() == FileRow.State.PRESENT) {
            present.add(path);
          }
        });
    if (!present.isEmpty() && random.nextInt(4) == 0) {
      String path = present.iterator().next();
      catalog.commit(session -> catalog.files().recordPurged(session, List.of(StorePath.of(path))));
      model.put(path, new Known(FileRow.State.PURGED, model.get(path).version(), 0));
    }
  }

  @Test
  void whatIsExcludedIsLeftAloneAndForgetsItsLooks() {
    catalog.commit(
        session -> {
          catalog
              .files()
              .recordSeen(
                  session, List.of(StoreDetector.rowOf(stat("skip/s", FileStat.Kind.FILE, 1))), 1);
          catalog.files().recordMissing(session, List.of(StorePath.of("skip/s")), 1);
        });
    look(List.of(file("a", 1)));
    assertThat(rows().get("skip/s")).isEqualTo(new Known(FileRow.State.PRESENT, 1, 0));
  }

  @Test
  void aLinkInPlaceOfAFileIsToldAndTheFileIsMissing() {
    look(List.of(file("a", 1), file("b", 1)));
    StoreFindings findings = look(List.of(link("a"), file("b", 1)));
    assertThat(skipped).containsExactly("a symlink");
    assertThat(rows().get("a").looks()).isEqualTo(1);
    assertThat(findings.missing()).isEqualTo(1);
  }

  @Test
  void aFolderInPlaceOfAFileMakesTheFileMissing() {
    look(List.of(file("a", 1)));
    look(List.of(file("a/x", 1)));
    assertThat(rows().get("a").looks()).isEqualTo(1);
    assertThat(rows().get("a/x").looks()).isZero();
  }

  @Test
  void moreProblemsThanAreRememberedHoldEverything() {
    List<ScanEntry> many = new ArrayList<>();
    for (int i = 0; i < 1_100; i++) {
      many.add(problem("p%05d".formatted(i)));
    }
    look(List.of(file("q", 1)));
    assertThat(look(many).missing()).isZero();
    assertThat(rows().get("q").looks()).isZero();
  }
}
