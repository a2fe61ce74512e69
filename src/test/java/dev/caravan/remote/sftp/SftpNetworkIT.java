package dev.caravan.remote.sftp;

import dev.caravan.contract.NetworkContract;
import dev.caravan.lab.CountingProxy;
import dev.caravan.lab.SshServer;
import dev.caravan.lab.SshServer.Door;
import dev.caravan.remote.Remote;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.io.TempDir;

/** An OpenSSH server behind a bad network. */
class SftpNetworkIT extends NetworkContract {

  private static final SftpPatience HASTY =
      new SftpPatience(STALL, STALL.dividedBy(SftpPatience.SILENT_HEARTBEATS));

  @TempDir Path root;
  @TempDir Path known;

  @Override
  protected CountingProxy proxy() {
    return CountingProxy.ofBytes(SshServer.shared().port(Door.SHELL));
  }

  @Override
  protected Remote through(CountingProxy proxy) throws Exception {
    return new SftpRemote(
        SshServer.shared().place(Door.SHELL, root, proxy.endpoint().getPort(), known).settings(),
        Clock.systemUTC(),
        HASTY);
  }

  @Override
  protected byte[] stored(String key) throws Exception {
    return Files.readAllBytes(root.resolve(key));
  }

  @Override
  protected boolean checksWhatItReads() {
    return true;
  }
}
