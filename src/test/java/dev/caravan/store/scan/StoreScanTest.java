package dev.caravan.store.scan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import dev.caravan.store.Filters;
import dev.caravan.store.StoreMissingException;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreScanTest {
  @TempDir Path folder;
  private Path root;
  private StoreTree tree;

  @BeforeEach
  void makeTree() throws IOException {
    root = Files.createDirectory(folder.resolve("store"));
    tree = new StoreTree(root, root.resolve(".caravan"), Clock.systemUTC());
  }

  @Test
  void statHoldsWhatTheFileSystemSays() throws Exception {
    Path file = create("a/b");
    Files.writeString(file, "12345");

    FileStat stat = Scans.entries(tree).get(0).stat().orElseThrow();

    assertThat(stat.kind()).isEqualTo(FileStat.Kind.FILE);
    assertThat(stat.sizeBytes()).isEqualTo(5);
    assertThat(stat.inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
    assertThat(stat.device()).isEqualTo(Files.getAttribute(file, "unix:dev"));
    assertThat(stat.mode()).isEqualTo(Files.getAttribute(file, "unix:mode"));
    assertThat(stat.modifiedNs() / 1_000_000).isEqualTo(Files.getLastModifiedTime(file).toMillis());
    assertThat(stat.changedNs()).isGreaterThanOrEqualTo(stat.modifiedNs());
  }

  @Test
  void anEmptyStoreIsEmpty() {
    assertThat(Scans.entries(tree)).isEmpty();
  }

  @Test
  void stateFolderAndUnfinishedFilesAreLeftOut() throws Exception {
    create("a");
    create(".caravan/catalog.db");
    create("var/state/lock");
    create("var/x");
    create("sub/.caravan/kept");
    create("var/.caravan-123456.part");
    List<StorePath> temporaries = new ArrayList<>();
    StoreTree other = new StoreTree(root, root.resolve("var/state"), Clock.systemUTC());

    try (StoreCursor cursor =
        new StoreScan(other, Filters.all()).openAhead(temporaries::add, each -> {})) {
      assertThat(Scans.paths(Scans.rest(cursor)))
          .containsExactly("a", "sub/.caravan/kept", "var/x");
    }
    assertThat(temporaries).containsExactly(StorePath.of("var/.caravan-123456.part"));
  }

  @Test
  void stateFolderIsLeftOutUnderAnyName() throws Exception {
    create("state/lock");
    create("a");
    Path link = Files.createSymbolicLink(folder.resolve("link"), root);
    StoreTree linked = new StoreTree(link, root.resolve("state"), Clock.systemUTC());

    assertThat(Scans.paths(Scans.entries(linked))).containsExactly("a");
  }

  @Test
  void linksAreListedAndNeverFollowed() throws Exception {
    create("a/x");
    Files.createSymbolicLink(root.resolve("a/loop"), root);
    Files.createSymbolicLink(root.resolve("a/self"), Path.of("self"));
    Files.createSymbolicLink(root.resolve("out"), folder);

    List<ScanEntry> entries = Scans.entries(tree);

    assertThat(Scans.paths(entries)).containsExactly("a/loop", "a/self", "a/x", "out");
    assertThat(entries.get(0).stat().orElseThrow().kind()).isEqualTo(FileStat.Kind.SYMLINK);
    assertThat(entries.get(3).stat().orElseThrow().kind()).isEqualTo(FileStat.Kind.SYMLINK);
  }

  @Test
  void pipesAreSpecial() throws Exception {
    Process mkfifo = new ProcessBuilder("mkfifo", root.resolve("pipe").toString()).start();
    assertThat(mkfifo.waitFor()).isZero();

    assertThat(Scans.entries(tree).get(0).stat().orElseThrow().kind())
        .isEqualTo(FileStat.Kind.SPECIAL);
  }

  @Test
  void filtersChooseFilesAndWholeFolders() throws Exception {
    for (String path : List.of("a/x.csv", "a/x.tmp", "cache/y.csv", "z.txt", "a/.git/c.csv")) {
      create(path);
    }
    Filters filters =
        new Filters(List.of("**/*.csv", "*.txt"), List.of("/cache/**", "**/.git/**", "**/*.tmp"));

    assertThat(Scans.paths(Scans.entries(tree, filters))).containsExactly("a/x.csv", "z.txt");
  }

  @Test
  void aMissingRootIsNoEmptyStore() throws Exception {
    Files.delete(root);

    assertThatThrownBy(() -> Scans.entries(tree))
        .isInstanceOf(StoreMissingException.class)
        .hasMessageContaining(root.toString())
        .hasMessageContaining("it is not there; mount it or correct store.path");
  }

  @Test
  void aFileAsRootIsRefused() throws Exception {
    Files.delete(root);
    Files.createFile(root);

    assertThatThrownBy(() -> Scans.entries(tree)).isInstanceOf(StoreMissingException.class);
  }

  @Test
  void aRootThatGoesAwayEndsTheScan() throws Exception {
    create("a/x");
    create("b/x");
    try (StoreCursor cursor = new StoreScan(tree, Filters.all()).open()) {
      cursor.next();
      Files.move(root, folder.resolve("moved"));

      assertThatThrownBy(() -> Scans.rest(cursor)).isInstanceOf(StoreMissingException.class);
    }
  }

  @Test
  void aRootThatWasReplacedEndsTheScanEvenAtItsLastStep() throws Exception {
    create("x");
    try (StoreCursor cursor = new StoreScan(tree, Filters.all()).open()) {
      cursor.next();
      Files.move(root, folder.resolve("moved"));
      Files.createDirectory(root);

      assertThatThrownBy(cursor::next)
          .isInstanceOf(StoreMissingException.class)
          .hasMessageContaining("another folder took its place");
    }
  }

  @Test
  void aFolderThatWasDeletedMeanwhileIsAbsent() throws Exception {
    create("a/x");
    create("b/x");
    create("c/x");
    try (StoreCursor cursor = new StoreScan(tree, Filters.all()).open()) {
      cursor.next();
      Files.delete(root.resolve("b/x"));
      Files.delete(root.resolve("b"));

      assertThat(Scans.paths(Scans.rest(cursor))).containsExactly("c/x");
    }
  }

  @Test
  void whatVanishedWithTheFolderAboveItIsUnknown() throws Exception {
    create("a/b/x");
    create("a/c/x");
    create("d/x");
    try (StoreCursor cursor = new StoreScan(tree, Filters.all()).open()) {
      assertThat(cursor.next().orElseThrow().path().value()).isEqualTo("a/b/x");
      Files.move(root.resolve("a"), folder.resolve("moved"));

      List<ScanEntry> rest = Scans.rest(cursor);

      assertThat(Scans.paths(rest)).containsExactly("a/c", "d/x");
      assertThat(rest.get(0).problem()).isPresent();
      assertThat(rest.get(0).stat()).isEmpty();
    }
  }

  @Test
  void aFolderThatBecameALinkIsUnknownAndNotFollowed() throws Exception {
    create("a/x");
    create("b/x");
    try (StoreCursor cursor = new StoreScan(tree, Filters.all()).open()) {
      cursor.next();
      Files.move(root.resolve("b"), folder.resolve("moved"));
      Files.createSymbolicLink(root.resolve("b"), folder.resolve("moved"));

      List<ScanEntry> rest = Scans.rest(cursor);

      assertThat(Scans.paths(rest)).containsExactly("b");
      assertThat(rest.get(0).problem()).isPresent();
    }
  }

  @Test
  void whatMayNotBeReadIsAProblemAndTheRestGoesOn() throws Exception {
    create("closed/x");
    create("closed-not/x");
    create("listed only/x");
    create("secret file");
    permit("closed", "---------");
    permit("listed only", "r--------");
    permit("secret file", "---------");

    List<String> lines = probeWithoutRights("list");

    String denied = "permission denied; let Caravan's user read it or exclude it";
    assertThat(lines)
        .containsExactly(
            "closed-not/x", "closed ! " + denied, "listed only ! " + denied, "secret file");
    permit("closed", "rwx------");
    permit("listed only", "rwx------");
  }

  @Test
  void aRootThatMayNotBeReadIsMissing() throws Exception {
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("---------"));

    assertThat(String.join("\n", probeWithoutRights("list")))
        .contains("StoreMissingException")
        .contains("permission denied");
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void filesThatVanishDuringTheScanDisturbNothing() throws Exception {
    long seed = 20261121;
    Random random = new Random(seed);
    List<Path> mortal = new ArrayList<>();
    List<String> immortal = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      String path = "d%02d/f%04d".formatted(i % 30, i);
      Path file = create(path);
      if (random.nextBoolean()) {
        mortal.add(file);
      } else {
        immortal.add(path);
      }
    }
    AtomicBoolean done = new AtomicBoolean();
    Thread killer = new Thread(() -> deleteAndRecreate(mortal, new Random(seed), done));
    killer.start();
    try {
      for (int round = 0; round < 20; round++) {
        List<ScanEntry> entries = Scans.entries(tree);
        assertThat(entries).as("seed %d", seed).allMatch(entry -> entry.problem().isEmpty());
        assertThat(Scans.paths(entries)).as("seed %d", seed).containsAll(immortal).isSorted();
      }
    } finally {
      done.set(true);
      killer.join();
    }
  }

  @Test
  void aHundredThousandFilesInOneFolderFitASmallHeap() throws Exception {
    Path many = Files.createDirectory(root.resolve("many"));
    for (int i = 0; i < 100_000; i++) {
      Files.createFile(many.resolve("a file with a name of forty characters " + i));
    }

    Process process =
        StoreProbe.start(List.of(), List.of("-Xmx20m", "-XX:+UseSerialGC"), "count", root);

    assertThat(outputOf(process)).containsExactly("100000");
  }

  private static void deleteAndRecreate(List<Path> files, Random random, AtomicBoolean done) {
    try {
      while (!done.get()) {
        Path file = files.get(random.nextInt(files.size()));
        try {
          Files.delete(file);
        } catch (NoSuchFileException e) {
          Files.createFile(file);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Root reads everything; without capabilities it is bound by permissions like anyone else. */
  private List<String> probeWithoutRights(String mode) throws Exception {
    boolean isRoot = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    List<String> before =
        isRoot ? List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all") : List.of();
    return outputOf(StoreProbe.start(before, List.of("-Xmx64m"), mode, root));
  }

  private static List<String> outputOf(Process process) throws Exception {
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    process.waitFor();
    return output.lines().toList();
  }

  private void permit(String path, String permissions) throws IOException {
    Files.setPosixFilePermissions(root.resolve(path), PosixFilePermissions.fromString(permissions));
  }

  private Path create(String path) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(Optional.ofNullable(file.getParent()).orElseThrow());
    return Files.createFile(file);
  }
}
