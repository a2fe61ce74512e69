package dev.caravan.snapshot.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.contract.TestContent;
import dev.caravan.event.NameZoo;
import dev.caravan.event.PathNames;
import dev.caravan.event.StorePath;
import dev.caravan.lab.MadeSnapshot;
import dev.caravan.lab.TreeFacts;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.TextContent;
import dev.caravan.remote.memory.Faults;
import dev.caravan.remote.memory.MemoryRemote;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.manifest.ManifestEntry.Kind;
import dev.caravan.snapshot.manifest.ManifestObject;
import dev.caravan.snapshot.manifest.ManifestWriter;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotRestoreTest {

  private static final String FOLDER = "2026-11-21-032800/";

  @TempDir Path folder;
  private final MemoryRemote remote = new MemoryRemote("memory");
  private final List<String> problems = Collections.synchronizedList(new ArrayList<>());
  private final List<String> notes = Collections.synchronizedList(new ArrayList<>());
  private Path source;
  private Path to;
  private Path outside;

  @BeforeEach
  void makeFolders() throws IOException {
    source = Files.createDirectory(folder.resolve("source"));
    to = folder.resolve("to");
    outside = Files.createDirectory(folder.resolve("outside"));
  }

  @Test
  void aMirrorWhoseLastBackupBrokeOffGivesWhatItHas() throws Exception {
    Files.writeString(source.resolve("x"), "version one");
    MadeSnapshot.of(source, remote, "");
    remote.put(new ObjectKey("x"), new TextContent("version two, longer"));
    remote.put(new ObjectKey("y"), new TextContent("new then"));
    remote.put(new ObjectKey(".caravan/prefixes/theirs"), new TextContent("another"));
    remote.put(new ObjectKey("theirs/z"), new TextContent("theirs"));
    remote.put(new ObjectKey("2026-11-20-032800/x"), new TextContent("a snapshot"));
    Files.createDirectories(to);
    Files.writeString(to.resolve("x"), "local");

    RestoreReport report = report();
    new SnapshotRestore(sorted(), to, 2, report, Clock.systemUTC())
        .run(ManifestObject.load(remote, "").orElseThrow(), "", Optional.empty());

    assertThat(problems).isEmpty();
    assertThat(to.resolve("x")).hasContent("version two, longer");
    assertThat(report.replaced()).isEqualTo(1);
    assertThat(notes).anyMatch(note -> note.contains("newer than the manifest"));
    assertThat(notes).anyMatch(note -> note.contains("modified later"));
    assertThat(notes.stream().filter(note -> note.contains("does not name it")))
        .containsExactly("y: the manifest does not name it: not restored");
  }

  @Test
  void everythingComesBackAsItWas() throws Exception {
    for (String name : NameZoo.NAMES) {
      Path below = Files.createDirectory(PathNames.resolve(source, name));
      Files.writeString(PathNames.resolve(below, name), name);
    }
    Path empty = Files.createDirectories(source.resolve("a/b/empty"));
    Path locked = Files.createDirectory(source.resolve("locked"));
    Path file = Files.writeString(locked.resolve("set-id"), "x");
    Path old = Files.writeString(locked.resolve("old"), "");
    Files.createSymbolicLink(source.resolve("up"), Path.of("../../etc/passwd"));
    Files.createSymbolicLink(source.resolve("absolute"), Path.of("/etc"));
    Files.createSymbolicLink(locked.resolve("dangling"), Path.of("./nowhere/."));
    Files.setAttribute(file, "unix:uid", 1234);
    Files.setAttribute(empty, "unix:gid", 4321);
    Files.setAttribute(source.resolve("up"), "unix:uid", 99, LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(file, "unix:mode", 06751);
    Files.setAttribute(empty, "unix:mode", 03775);
    Files.setAttribute(locked, "unix:mode", 0);
    Files.setLastModifiedTime(file, time("2001-09-09T01:46:40.123456789Z"));
    Files.setLastModifiedTime(old, time("1960-01-01T00:00:00Z"));
    Files.setLastModifiedTime(empty, time("2002-02-02T02:02:02.000000002Z"));
    Files.setLastModifiedTime(locked, time("2003-03-03T03:03:03.3Z"));
    MadeSnapshot.of(source, remote, FOLDER);

    RestoreReport report = restore();

    assertThat(problems).isEmpty();
    assertThat(TreeFacts.of(to)).isEqualTo(TreeFacts.of(source));
    assertThat(TreeFacts.differences(source, to)).isEmpty();
    assertThat(report.fetched()).isEqualTo(NameZoo.NAMES.size() + 2);
    assertThat(report.links()).isEqualTo(3);
    assertThat(report.folders()).isEqualTo(NameZoo.NAMES.size() + 4);
  }

  @Test
  void whatIsTheSameStaysAndWhatIsNotIsReplacedAndNothingIsDeleted() throws Exception {
    Files.writeString(source.resolve("same"), "12345");
    Files.writeString(source.resolve("other"), "12345");
    Files.createSymbolicLink(source.resolve("link"), Path.of("same"));
    MadeSnapshot.of(source, remote, FOLDER);
    restore();
    Object inode = Files.getAttribute(to.resolve("same"), "unix:ino");
    Files.setLastModifiedTime(to.resolve("same"), time("1999-01-01T00:00:00Z"));
    Files.writeString(to.resolve("other"), "54321");
    Files.writeString(to.resolve("extra"), "mine");
    Files.delete(to.resolve("link"));
    Files.createSymbolicLink(to.resolve("link"), Path.of("elsewhere"));

    RestoreReport report = restore();

    assertThat(problems).isEmpty();
    assertThat(report.unchanged()).isEqualTo(1);
    assertThat(report.fetched()).isEqualTo(1);
    assertThat(Files.getAttribute(to.resolve("same"), "unix:ino")).isEqualTo(inode);
    assertThat(to.resolve("extra")).hasContent("mine");
    Files.delete(to.resolve("extra"));
    assertThat(TreeFacts.of(to)).isEqualTo(TreeFacts.of(source));
    assertThat(TreeFacts.differences(source, to)).isEmpty();
  }

  @Test
  void noPlantedLinkLeadsOutOfTheFolder() throws Exception {
    Files.createDirectories(source.resolve("a/b"));
    Files.writeString(source.resolve("a/b/file"), "from the snapshot");
    Files.writeString(source.resolve("file"), "from the snapshot");
    MadeSnapshot.of(source, remote, FOLDER);
    Files.createDirectory(to);
    Files.createSymbolicLink(to.resolve("a"), outside);
    Path victim = Files.writeString(outside.resolve("victim"), "untouched");
    Files.createSymbolicLink(to.resolve("file"), victim);

    restore();

    assertThat(problems).hasSizeGreaterThanOrEqualTo(2).allMatch(line -> line.startsWith("a"));
    assertThat(outside.resolve("b")).doesNotExist();
    assertThat(victim).hasContent("untouched");
    assertThat(Files.isSymbolicLink(to.resolve("file"))).isFalse();
    assertThat(to.resolve("file")).hasContent("from the snapshot");
  }

  @Test
  void noLinkOfTheManifestLeadsOutOfTheFolder() throws Exception {
    TestContent evil = TestContent.of("evil");
    ManifestWriter manifest = MadeSnapshot.writer();
    manifest.add(entry("a", Kind.SYMLINK, Optional.of(outside.toString()), Optional.empty()));
    manifest.add(entry("a", Kind.FOLDER, Optional.empty(), Optional.empty()));
    manifest.add(entry("a/file", Kind.FILE, Optional.empty(), Optional.of(evil.sha256())));
    remote.put(new ObjectKey(FOLDER + "a/file"), evil);
    remote.put(ManifestObject.keyIn(FOLDER), manifest.finish(0));

    restore();

    assertThat(outside).isEmptyDirectory();
    assertThat(to.resolve("a/file")).hasContent("evil");
    assertThat(problems).singleElement().asString().startsWith("a: ");
    problems.clear();
    restore();
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void caravansOwnFolderIsNotRestoredInto() throws Exception {
    TestContent evil = TestContent.of("evil");
    ManifestWriter manifest = MadeSnapshot.writer();
    manifest.add(entry(".caravan", Kind.FOLDER, Optional.empty(), Optional.empty()));
    manifest.add(entry(".caravan/id", Kind.FILE, Optional.empty(), Optional.of(evil.sha256())));
    remote.put(new ObjectKey(FOLDER + ".caravan/id"), evil);
    remote.put(ManifestObject.keyIn(FOLDER), manifest.finish(0));

    restore();

    assertThat(to.resolve(".caravan")).doesNotExist();
    assertThat(problems).isNotEmpty();
  }

  @Test
  void whatIsMissingOrChangedAtTheRemoteIsAProblemAndTheRestComes() throws Exception {
    for (String name : List.of("good", "lost", "changed", "longer", "shorter")) {
      Files.writeString(source.resolve(name), name);
    }
    MadeSnapshot.of(source, remote, FOLDER);
    remote.lose(new ObjectKey(FOLDER + "lost"));
    remote.put(new ObjectKey(FOLDER + "changed"), TestContent.of("CHANGED"));
    remote.put(new ObjectKey(FOLDER + "longer"), TestContent.of("longer!"));
    remote.put(new ObjectKey(FOLDER + "shorter"), TestContent.of("short"));

    RestoreReport report = restore();

    assertThat(report.fetched()).isEqualTo(1);
    assertThat(problems)
        .extracting(line -> line.substring(0, line.indexOf(':')))
        .containsExactlyInAnyOrder("lost", "changed", "longer", "shorter");
    assertThat(to.toFile().list()).containsExactly("good");
  }

  @Test
  void aFolderOrFileInTheWayIsAProblemAndStays() throws Exception {
    Files.writeString(source.resolve("file"), "file");
    Files.createDirectory(source.resolve("folder"));
    Files.writeString(source.resolve("folder/below"), "below");
    Files.createSymbolicLink(source.resolve("link"), Path.of("file"));
    MadeSnapshot.of(source, remote, FOLDER);
    Files.createDirectories(to.resolve("file/mine"));
    Files.createDirectories(to.resolve("link/mine"));
    Files.writeString(to.resolve("folder"), "mine");

    restore();

    assertThat(problems)
        .extracting(line -> line.substring(0, line.indexOf(':')))
        .contains("file", "folder", "folder/below", "link");
    assertThat(to.resolve("file/mine")).isDirectory();
    assertThat(to.resolve("link/mine")).isDirectory();
    assertThat(to.resolve("folder")).hasContent("mine");
    try (var left = Files.list(to)) {
      assertThat(left).hasSize(3);
    }
  }

  @Test
  void aFileCannotBeRestoredInto() throws Exception {
    Path file = Files.writeString(to.resolveSibling("a-file"), "mine");
    for (Path place : List.of(file, file.resolve("below"))) {
      assertThatThrownBy(() -> new SnapshotRestore(remote, place, 4, report(), Clock.systemUTC()))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("--to " + place + ": ")
          .hasMessageMatching(".*: .+");
    }
    assertThat(file).hasContent("mine");
  }

  @Test
  void oneFolderAloneComesWithTheFoldersAboveIt() throws Exception {
    Files.createDirectories(source.resolve("a/b/c"));
    Files.writeString(source.resolve("a/b/file"), "x");
    Files.writeString(source.resolve("a/bc"), "x");
    Files.writeString(source.resolve("a/other"), "x");
    Files.setAttribute(source.resolve("a"), "unix:mode", 0711);
    Files.setLastModifiedTime(source.resolve("a"), time("2001-01-01T00:00:00Z"));
    MadeSnapshot.of(source, remote, FOLDER);

    assertThat(restore(Optional.of(StorePath.of("a/b")))).isTrue();

    SortedMap<String, String> expected = TreeFacts.of(source);
    expected.keySet().retainAll(List.of("a", "a/b", "a/b/c", "a/b/file"));
    assertThat(TreeFacts.of(to)).isEqualTo(expected);
    assertThat(restore(Optional.of(StorePath.of("nowhere")))).isFalse();
  }

  @Test
  void aRemoteThatFailsAsAWholeEndsTheRestore() throws Exception {
    for (int i = 0; i < 200; i++) {
      Files.writeString(source.resolve("f" + i), "x");
    }
    MadeSnapshot.of(source, remote, FOLDER);
    ManifestObject manifest = ManifestObject.load(remote, FOLDER).orElseThrow();
    remote.faults().failAll(Faults.Call.OPEN, Cause.AUTHENTICATION);

    SnapshotRestore restore = new SnapshotRestore(remote, to, 4, report(), Clock.systemUTC());
    restore.run(manifest, FOLDER, Optional.empty());

    assertThat(restore.stoppedBy()).isPresent();
    assertThat(problems).hasSizeBetween(1, 8);
    assertThat(remote.faults().happened()).isPositive();
  }

  @Test
  void aFolderWithoutAManifestComesAsItIsListed() throws Exception {
    Instant at = Instant.parse("2020-02-02T02:02:02.5Z");
    remote.put(new ObjectKey(FOLDER + "a/b.txt"), TestContent.of("text").modified(at));
    remote.put(new ObjectKey(FOLDER + "a/../../out.txt"), TestContent.of("evil"));
    remote.put(new ObjectKey(FOLDER + "top"), TestContent.of("top").modified(at));
    remote.put(new ObjectKey("other/file"), TestContent.of("x"));

    RestoreReport report = report();
    SnapshotRestore restore = new SnapshotRestore(remote, to, 4, report, Clock.systemUTC());

    assertThat(restore.runPlain(FOLDER, Optional.empty())).isTrue();
    assertThat(to.resolve("a/b.txt")).hasContent("text");
    assertThat(Files.getLastModifiedTime(to.resolve("a/b.txt")).toInstant()).isEqualTo(at);
    assertThat(to.resolve("top")).hasContent("top");
    assertThat(report.fetched()).isEqualTo(2);
    assertThat(problems).singleElement().asString().contains("out.txt");
    assertThat(folder.resolve("out.txt")).doesNotExist();
  }

  private RestoreReport restore() throws Exception {
    RestoreReport report = report();
    run(report, Optional.empty());
    return report;
  }

  private boolean restore(Optional<StorePath> only) throws Exception {
    return run(report(), only);
  }

  private boolean run(RestoreReport report, Optional<StorePath> only) throws Exception {
    Remote place = remote;
    ManifestObject manifest = ManifestObject.load(place, FOLDER).orElseThrow();
    return new SnapshotRestore(place, to, 4, report, Clock.systemUTC()).run(manifest, FOLDER, only);
  }

  /** Lists in the order of bytes, as S3 does. */
  private Remote sorted() {
    InvocationHandler handler =
        (self, method, arguments) -> {
          if (!method.getName().equals("list")) {
            return method.invoke(remote, arguments);
          }
          SortedMap<String, ObjectStat> all = new TreeMap<>();
          remote.list((String) arguments[0], stat -> all.put(stat.key().value(), stat));
          for (ObjectStat each : all.values()) {
            ((Remote.Visitor) arguments[1]).visit(each);
          }
          return null;
        };
    return (Remote)
        Proxy.newProxyInstance(
            Remote.class.getClassLoader(), new Class<?>[] {Remote.class}, handler);
  }

  private RestoreReport report() {
    return new RestoreReport(
        new RestoreReport.Listener() {
          @Override
          public void problem(String path, String cause) {
            problems.add(path + ": " + cause);
          }

          @Override
          public void note(String path, String what) {
            notes.add(path + ": " + what);
          }
        });
  }

  private static ManifestEntry entry(
      String path, Kind kind, Optional<String> target, Optional<String> sha256) {
    return new ManifestEntry(
        StorePath.of(path), kind, kind == Kind.FILE ? 4 : 0, 0755, 0, 0, 0, target, sha256);
  }

  private static FileTime time(String text) {
    return FileTime.from(Instant.parse(text));
  }
}
