package dev.caravan.sync.move;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.catalog.RemoteRow;
import dev.caravan.catalog.UploadTable;
import dev.caravan.catalog.upload.CutRow;
import dev.caravan.catalog.upload.CutTable;
import dev.caravan.catalog.upload.PartRow;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.sim.FlakyRemote;
import dev.caravan.sync.SyncWorld;
import dev.caravan.sync.TestSettings;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which uploads that were cut off are gone on with, and which are removed. */
class UnfinishedUploadsTest {

  private static final Predicate<StorePath> ALL = path -> true;

  @TempDir Path store;
  private final FlakyRemote near = new FlakyRemote("near");
  private final FlakyRemote far = new FlakyRemote("far");
  private final List<String> swept = new ArrayList<>();
  private Optional<Cause> refusal = Optional.empty();
  private SyncWorld world;

  /** A file that one remote holds, and that waits for the other. */
  @BeforeEach
  void open() throws Exception {
    world = SyncWorld.of(store, near, far);
    far.down(true);
    world.write("f", "content");
    world.cycle();
    assertThat(world.open("far")).hasSize(1);
  }

  @AfterEach
  void close() {
    world.close();
  }

  private RemoteRow row() {
    return world.catalog().remotes().find("far").orElseThrow();
  }

  private CutTable cuts() {
    return new CutTable(world.catalog());
  }

  private void cutOff(String key, String sha256) {
    world
        .catalog()
        .commit(session -> world.catalog().uploads().recordBegun(session, row().id(), key, 1));
    cuts().recordBegun(far.identity(), key, new CutRow("id", sha256, 5 << 20, "form"));
    cuts().recordPart(far.identity(), key, new PartRow(1, "etag", ""));
  }

  private String sha256() {
    return world.catalog().files().find(StorePath.of("f")).orElseThrow().sha256().orElseThrow();
  }

  /** A remote that only notes, or refuses, what it is asked to sweep. */
  private Remote noting() {
    return (Remote)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Remote.class},
            (proxy, method, arguments) -> {
              if (!method.getName().equals("sweep")) {
                try {
                  return method.invoke(far, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              }
              swept.add(arguments[0].toString());
              if (refusal.isPresent()) {
                throw new RemoteException(refusal.get(), "refused");
              }
              return null;
            });
  }

  private void sweep(Predicate<StorePath> admits) throws RemoteException {
    new UnfinishedUploads(noting(), world.catalog(), admits).sweep(row());
  }

  private boolean isKept(String key) {
    boolean known = cuts().find(far.identity(), key).isPresent();
    assertThat(cuts().parts(far.identity(), key)).hasSize(known ? 1 : 0);
    assertThat(world.catalog().uploads().list(row().id()).stream().map(UploadTable.Begun::path))
        .as("begun uploads")
        .isEqualTo(known ? List.of(key) : List.of());
    return known;
  }

  @Test
  void whatItsFileStillWaitsForIsKeptAndOthersOfItsKeyAreSwept() throws Exception {
    cutOff("f", sha256());
    sweep(ALL);
    assertThat(isKept("f")).isTrue();
    assertThat(swept).containsExactly("f");
  }

  @Test
  void whatWasBegunForAnotherContentGoes() throws Exception {
    cutOff("f", "0".repeat(64));
    sweep(ALL);
    assertThat(isKept("f")).isFalse();
    assertThat(swept).containsExactly("f");
  }

  @Test
  void whatTheFiltersLeaveOutGoes() throws Exception {
    cutOff("f", sha256());
    sweep(path -> false);
    assertThat(isKept("f")).isFalse();
  }

  @Test
  void theCopyOfTheCatalogIsMadeAnew() throws Exception {
    cutOff(ObjectKey.OWN + "catalog.db", sha256());
    sweep(ALL);
    assertThat(isKept(ObjectKey.OWN + "catalog.db")).isFalse();
  }

  /** The same bytes and another time: the object would get the old one. */
  @Test
  void whatWasBegunBeforeTheFileWasTouchedGoes() throws Exception {
    cutOff("f", sha256());
    world.write("f", "content");
    world.clock().advance(Duration.ofMinutes(1));
    near.down(true);
    world.cycle();
    sweep(ALL);
    assertThat(isKept("f")).isFalse();
  }

  @Test
  void whatWasBegunForAFileThatIsGoneGoesAfterOneLook() throws Exception {
    cutOff("f", sha256());
    world.delete("f");
    world.cycle();
    sweep(ALL);
    assertThat(isKept("f")).isFalse();
  }

  @Test
  void whatArrivedByAnotherWayIsRemovedInTheSameCycle() {
    cutOff("f", sha256());
    far.mend();
    world.manual();
    assertThat(far.files()).isEqualTo(near.files()).hasSize(1);
    assertThat(isKept("f")).isFalse();
  }

  @Test
  void aRemoteThatForbidsTheLookIsUsedAllTheSame() throws Exception {
    cutOff("f", "0".repeat(64));
    refusal = Optional.of(Cause.PERMISSION);
    sweep(ALL);
    assertThat(isKept("f")).isFalse();
  }

  @Test
  void whatCouldNotBeRemovedNowIsRemovedLater() throws Exception {
    cutOff("f", "0".repeat(64));
    refusal = Optional.of(Cause.NETWORK);
    assertThatThrownBy(() -> sweep(ALL)).isInstanceOf(RemoteException.class);
    assertThat(world.catalog().uploads().list(row().id())).hasSize(1);
    refusal = Optional.empty();
    sweep(ALL);
    assertThat(isKept("f")).isFalse();
    assertThat(swept).containsExactly("f", "f");
  }

  /** It is removed there should the remote come back, and gone on with nowhere. */
  @Test
  void ofARemoteThatIsLeftOutOnlyTheBeginStaysOnRecord() {
    cutOff("f", sha256());
    RemoteRow before = row();
    world.restart(TestSettings.of(store), List.of(near));
    assertThat(cuts().find(far.identity(), "f")).isEmpty();
    assertThat(cuts().parts(far.identity(), "f")).isEmpty();
    assertThat(world.catalog().uploads().list(before.id())).hasSize(1);
  }
}
