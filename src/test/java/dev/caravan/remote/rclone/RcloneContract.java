package dev.caravan.remote.rclone;

import dev.caravan.contract.RemoteContract;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.rclone.rcd.Rclone;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The contract of a remote, held by a storage of rclone's. One child serves all tests of a class,
 * for to start one takes longer than most of them; each test begins at an emptied place.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RcloneContract extends RemoteContract {

  private RcloneSetup setup;
  private RcloneRemote shared;

  /** Says where the objects lie. */
  abstract RcloneSetup setup(Path folder) throws Exception;

  @BeforeAll
  void startTheChild(@TempDir Path folder) throws Exception {
    setup = setup(folder);
    shared = setup.open();
  }

  @AfterAll
  void endTheChild() {
    shared.close();
  }

  @Override
  public boolean keepsTraits() {
    return false;
  }

  @Override
  protected Remote fresh() throws Exception {
    shared.probe();
    empty();
    return unclosed(shared);
  }

  /** Removes what the last test left. */
  void empty() throws Exception {
    List<ObjectKey> keys = new ArrayList<>();
    shared.list("", stat -> keys.add(stat.key()));
    for (int from = 0; from < keys.size(); from += 1000) {
      shared.delete(keys.subList(from, Math.min(keys.size(), from + 1000)));
    }
  }

  /** The child's answers have no pages. */
  @Override
  public int pageSize() {
    return 100;
  }

  /** Another process with another child. */
  @Override
  public Remote open() {
    return setup.open();
  }

  @Override
  public long partSize() {
    return 1 << 20;
  }

  Rclone rclone() {
    return setup.rclone();
  }

  Remote shared() {
    return unclosed(shared);
  }

  private static Remote unclosed(Remote remote) {
    return (Remote)
        Proxy.newProxyInstance(
            Remote.class.getClassLoader(),
            new Class<?>[] {Remote.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close")) {
                return null;
              }
              try {
                return method.invoke(remote, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
