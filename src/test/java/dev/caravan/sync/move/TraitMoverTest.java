package dev.caravan.sync.move;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.catalog.CopyTable;
import dev.caravan.event.StorePath;
import dev.caravan.event.WantedSums;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.sim.FlakyRemote;
import dev.caravan.store.FileVersion;
import dev.caravan.sync.SyncWorld;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a remote does not take of a file's time, permissions and owner. */
class TraitMoverTest {

  private static final StorePath PATH = StorePath.of("a");

  @TempDir Path store;
  private SyncWorld world;
  private FileVersion version;

  @BeforeEach
  void mirror() throws Exception {
    world = SyncWorld.of(store, new FlakyRemote("near"));
    world.write("a", "x");
    world.cycle();
    version =
        FileVersion.read(world.tree(), world.tree().stat(PATH).orElseThrow(), WantedSums.NONE);
  }

  @AfterEach
  void close() {
    world.close();
  }

  private Optional<CopyTable.Held> describe(Cause cause) throws RemoteException {
    Remote remote =
        (Remote)
            Proxy.newProxyInstance(
                Remote.class.getClassLoader(),
                new Class<?>[] {Remote.class},
                (self, method, arguments) -> {
                  if (method.getName().equals("name")) {
                    return "near";
                  }
                  throw new RemoteException(cause, method.getName() + " failed");
                });
    int id = world.catalog().remotes().find("near").orElseThrow().id();
    return new TraitMover(world.catalog(), remote, id).describe(PATH, version);
  }

  @ParameterizedTest
  @EnumSource(names = {"NETWORK", "THROTTLED", "SERVER", "CORRUPT"})
  void whatFailsInPassingIsTriedAgain(Cause cause) {
    assertThatThrownBy(() -> describe(cause))
        .isInstanceOfSatisfying(
            RemoteException.class, e -> assertThat(e.reason()).isEqualTo(cause));
  }

  @ParameterizedTest
  @EnumSource(names = {"UNSUPPORTED", "OTHER"})
  void whatCannotBeDoneLeavesTheCopyAsItIs(Cause cause) throws Exception {
    assertThat(describe(cause).orElseThrow().sha256()).isEqualTo(version.sha256());
  }

  @Test
  void whatIsGoneIsSentAnew() throws Exception {
    assertThat(describe(Cause.NO_SUCH_OBJECT)).isEmpty();
  }
}
