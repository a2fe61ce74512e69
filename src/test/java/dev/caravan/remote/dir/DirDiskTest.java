package dev.caravan.remote.dir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.config.DirSettings;
import dev.caravan.contract.TestContent;
import dev.caravan.lab.Mount;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks that are full, read-only, pulled or exchanged: real mounts. */
class DirDiskTest {

  private static final ObjectKey KEY = new ObjectKey("a/b");
  private static final TestContent OLD = TestContent.of("the old version");

  @TempDir Path folder;
  @TempDir Path elsewhere;
  private Mount disk;
  private Remote remote;

  @BeforeEach
  void mountADisk() throws Exception {
    disk = Mount.on(folder, "first");
    remote = new DirRemote(new DirSettings("disk", folder, true), Clock.systemUTC());
    remote.probe();
    remote.put(KEY, OLD);
  }

  @AfterEach
  void unmountIt() {
    remote.close();
    disk.close();
  }

  @Test
  void aFullDiskIsSaidToBeFullAndKeepsTheOldVersion() throws Exception {
    RemoteException e = failureOf(() -> remote.put(KEY, TestContent.ofSize(20 << 20, 1)));
    assertThat(e.reason()).isEqualTo(Cause.FULL);
    assertThat(e).hasMessageContaining("'disk'").hasMessageContaining("free some space");
    assertThat(keys()).containsExactly("a/b");
    assertThat(remote.open(KEY, 0, -1).readAllBytes()).isEqualTo(OLD.bytes());
    assertThat(Files.getFileStore(folder).getUsableSpace()).isGreaterThan(15L << 20);
    remote.put(KEY, TestContent.of("there is room for this"));
  }

  @Test
  void aReadOnlyDiskCanBeReadButNotWritten() throws Exception {
    disk.makeReadOnly();
    assertThat(failureOf(() -> remote.put(KEY, OLD)).reason()).isEqualTo(Cause.READ_ONLY);
    assertThat(failureOf(() -> remote.probe()).reason()).isEqualTo(Cause.READ_ONLY);
    assertThat(remote.delete(List.of(KEY))).hasEntrySatisfying(KEY, this::isReadOnly);
    assertThat(remote.move(Map.of(KEY, new ObjectKey("c"))))
        .hasEntrySatisfying(KEY, this::isReadOnly);
    assertThat(remote.find(KEY)).isPresent();
    assertThat(remote.open(KEY, 0, -1).readAllBytes()).isEqualTo(OLD.bytes());
  }

  @Test
  void aPulledDiskIsNotTakenForAnEmptyOne() throws Exception {
    disk.unmount();
    assertThat(folder).isEmptyDirectory();
    List<ThrowingCallable> calls =
        List.of(
            () -> remote.probe(),
            () -> remote.find(KEY),
            () -> remote.open(KEY, 0, -1),
            () -> remote.list("", stat -> {}),
            () -> remote.put(KEY, OLD),
            () -> remote.delete(List.of(KEY)),
            () -> remote.move(Map.of(KEY, new ObjectKey("c"))),
            () -> remote.sweep(KEY, Instant.EPOCH));
    for (ThrowingCallable call : calls) {
      RemoteException e = failureOf(call);
      assertThat(e.reason()).isEqualTo(Cause.NOT_THERE);
      assertThat(e).hasMessageContaining("unmounted?");
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aDiskThatIsPulledDuringAPutOrAListingIsNoticed() throws Exception {
    TestContent content = TestContent.of("x".repeat(100)).onRead(this::pull);
    RemoteException putting = failureOf(() -> remote.put(new ObjectKey("new"), content));
    assertThat(putting.reason()).isEqualTo(Cause.NOT_THERE);
    assertThat(folder).isEmptyDirectory();

    disk.mount("first");
    remote = new DirRemote(new DirSettings("disk", folder, false), Clock.systemUTC());
    remote.put(new ObjectKey("1"), OLD);
    remote.put(new ObjectKey("2/3"), OLD);
    RemoteException listing = failureOf(() -> remote.list("", stat -> pull()));
    assertThat(listing.reason()).isEqualTo(Cause.NOT_THERE);
  }

  private void pull() {
    if (Files.exists(folder.resolve(".caravan"))) {
      disk.unmount();
    }
  }

  @Test
  void anotherDiskInItsPlaceIsNotUsed() throws Exception {
    exchangeFor("second");
    assertThat(failureOf(() -> remote.put(KEY, OLD)).reason()).isEqualTo(Cause.NOT_THERE);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aProbeTellsAnotherDiskWhateverItsNumber() {
    disk.unmount();
    disk.mount("second");
    assertThat(failureOf(() -> remote.probe()).reason()).isEqualTo(Cause.NOT_THERE);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void theSameDiskMountedAgainIsUsedAgain() throws Exception {
    exchangeFor("first");
    remote.put(KEY, OLD);
    assertThat(keys()).containsExactly("a/b");
  }

  /** Mounts an empty disk in place of the first, under another device number. */
  private void exchangeFor(String volume) throws Exception {
    Object before = Files.getAttribute(folder, "unix:dev");
    disk.unmount();
    disk.mount(volume);
    List<Mount> others = new ArrayList<>();
    while (Files.getAttribute(folder, "unix:dev").equals(before) && others.size() < 20) {
      disk.unmount();
      others.add(Mount.on(Files.createTempDirectory(elsewhere, "other"), "other"));
      disk.mount(volume);
    }
    others.forEach(Mount::close);
    assertThat(Files.getAttribute(folder, "unix:dev")).isNotEqualTo(before);
  }

  @Test
  void aRemovedFolderIsNotMadeAgain() throws Exception {
    Path below = folder.resolve("below");
    Remote made = new DirRemote(new DirSettings("made", below, true), Clock.systemUTC());
    made.probe();
    assertThat(below).isDirectory();
    made.delete(List.of(KEY));
    try (Stream<Path> all = Files.walk(below)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
    assertThat(failureOf(() -> made.put(KEY, OLD)).reason()).isEqualTo(Cause.NOT_THERE);
    assertThat(failureOf(made::probe).reason()).isEqualTo(Cause.NOT_THERE);
    assertThat(below).doesNotExist();
  }

  @Test
  void aFolderThatIsNotThereOrNoFolderIsSaidSo() throws Exception {
    Path missing = folder.resolve("missing");
    Remote nowhere = new DirRemote(new DirSettings("x", missing, false), Clock.systemUTC());
    assertThat(failureOf(nowhere::probe).reason()).isEqualTo(Cause.NOT_THERE);
    assertThat(missing).doesNotExist();
    Remote file =
        new DirRemote(new DirSettings("x", folder.resolve("a/b"), false), Clock.systemUTC());
    assertThat(failureOf(file::probe).reason()).isEqualTo(Cause.NOT_THERE);
  }

  @Test
  void aSecondDiskBelowTheRootWorksTheSame() throws Exception {
    Path sub = Files.createDirectory(folder.resolve("sub"));
    try (Mount second = Mount.on(sub, "second")) {
      assertThat(Files.getAttribute(sub, "unix:dev"))
          .isNotEqualTo(Files.getAttribute(folder, "unix:dev"));
      ObjectKey there = new ObjectKey("sub/deep/x");
      ObjectKey aside = new ObjectKey(".caravan/trash/2026-01-02/sub/deep/x");
      TestContent content = TestContent.ofSize(300_000, 1);
      remote.put(there, content);
      assertThat(keys()).containsExactly("a/b", "sub/deep/x");
      Instant time = remote.find(there).orElseThrow().modifiedAt();
      assertThat(time).isEqualTo(content.modifiedAt());

      assertThat(remote.move(Map.of(there, aside))).isEmpty();
      assertThat(keys()).containsExactly(aside.value(), "a/b");
      assertThat(sub).isEmptyDirectory();
      assertThat(remote.move(Map.of(aside, there))).isEmpty();
      assertThat(remote.open(there, 0, -1).readAllBytes()).isEqualTo(content.bytes());
      assertThat(remote.find(there).orElseThrow().modifiedAt()).isEqualTo(time);

      RemoteException full = failureOf(() -> remote.put(there, TestContent.ofSize(20 << 20, 1)));
      assertThat(full.reason()).isEqualTo(Cause.FULL);
      assertThat(remote.delete(List.of(there))).isEmpty();
      assertThat(sub).isEmptyDirectory();
    }
  }

  private void isReadOnly(RemoteException e) {
    assertThat(e.reason()).isEqualTo(Cause.READ_ONLY);
  }

  private List<String> keys() throws Exception {
    List<String> keys = new ArrayList<>();
    remote.list("", stat -> keys.add(stat.key().value()));
    keys.sort(null);
    return keys;
  }

  private static RemoteException failureOf(ThrowingCallable call) {
    RemoteException e = catchThrowableOfType(RemoteException.class, call);
    assertThat(e).isNotNull();
    assertThat(e.getMessage()).doesNotContain("\n");
    return e;
  }
}
