package dev.caravan.contract;

import dev.caravan.lab.CountingProxy;
import dev.caravan.lab.SftpPlace;
import dev.caravan.lab.SshServer;
import dev.caravan.lab.SshServer.Door;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The same for a folder of an OpenSSH server. */
public abstract class SshNetworkContract extends NetworkContract {

  @TempDir Path root;
  @TempDir Path known;

  /** The folder of this test, by way of the proxy. */
  protected final SftpPlace place(CountingProxy proxy) throws Exception {
    return SshServer.shared().place(Door.SHELL, root, proxy.endpoint().getPort(), known);
  }

  @Override
  protected final CountingProxy proxy() {
    return CountingProxy.ofBytes(SshServer.shared().port(Door.SHELL));
  }

  @Override
  protected final byte[] stored(String key) throws Exception {
    return Files.readAllBytes(root.resolve(key));
  }

  @Override
  protected final boolean checksWhatItReads() {
    return true;
  }
}
